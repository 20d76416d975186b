using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace HeartSound.Edge.Doctor.Bundle;

/// <summary>
/// Everything that somebody needs who helps from afar, in one file: what the doctor found, settings, lists of files, journal. No sound, no key, no password, no verdict: files that hold such are not read, and
/// every text goes through <see cref="Scrubber"/>.
/// </summary>
internal static class SupportBundle
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string Readme = """
        Support bundle of a HeartSound.Edge device.

        doctor.json    what 'heartsound doctor' found
        settings.json  the settings; the user's name at the broker is taken out
        files.txt      names and sizes of the files in the state and cache directories, not what is in them
        journal.txt    the last lines of the service's log; lines with verdicts are taken out
        unit.txt       the service's unit
        versions.txt   kernel, system, packages
        kernel.txt     what the kernel said about USB, sound, GPIO, heat, disks, memory
        usb.txt        what is plugged in
        sound.txt      what ALSA says

        Not in it: sound, records of examinations, keys, passwords, verdicts. Serial numbers of USB devices and addresses of the network are in it. Look through it before you give it to somebody.

        """;

    /// <summary>Writes <paramref name="file"/> (.tar.gz), readable by its owner alone, in place of one that was there.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string file, DoctorReport report, DoctorCase facts)
    {
        var scrubber = new Scrubber([.. SettingsForBundle.UserNames(facts), Environment.UserName, Environment.GetEnvironmentVariable("SUDO_USER")]);
        var temporary = $"{file}.{Environment.ProcessId:x}.part";
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            using (var zip = new GZipStream(stream, CompressionLevel.Optimal))
            using (var tar = new TarWriter(zip))
            {
                var (name, at) = ($"heartsound-support-{report.At.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}", report.At);
                void Add(string entry, string? text)
                {
                    if (string.IsNullOrWhiteSpace(text)) return;
                    using var data = new MemoryStream(Encoding.UTF8.GetBytes(text));
                    tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"{name}/{entry}") { DataStream = data, Mode = OwnerOnly, ModificationTime = at });
                }

                Add("README.txt", Readme);
                Add("doctor.json", scrubber.Json(JsonNode.Parse(WithoutValues(report, facts).ToJson()))!.ToJsonString(EdgeJson.Indented) + "\n");
                Add("settings.json", scrubber.Json(JsonNode.Parse(SettingsForBundle.Text(facts)))!.ToJsonString(EdgeJson.Indented) + "\n");
                Add("files.txt", scrubber.Text(Files(facts)));
                Add("journal.txt", Scrubbed(scrubber, SystemForBundle.Journal()));
                Add("unit.txt", Scrubbed(scrubber, SystemForBundle.Unit(facts)));
                Add("versions.txt", scrubber.Text(SystemForBundle.Versions(facts)));
                Add("kernel.txt", Scrubbed(scrubber, SystemForBundle.Kernel()));
                Add("usb.txt", scrubber.Text(SystemForBundle.Usb(facts)));
                Add("sound.txt", scrubber.Text(SystemForBundle.Sound(facts)));
            }

            File.Move(temporary, file, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>What is set wrongly may be a secret in a wrong place: where it stands tells enough.</summary>
    private static DoctorReport WithoutValues(DoctorReport report, DoctorCase facts) => facts.SettingsFault is null ? report : report with
    {
        Findings = [.. report.Findings.Select(f => f.Id != "settings" ? f : f with { Message = string.Join("; ", SettingsForBundle.Faults(facts)), Details = null })],
    };

    private static string? Scrubbed(Scrubber scrubber, string? text) => text is null ? null : scrubber.Text(text);

    private static string Files(DoctorCase facts)
    {
        var text = new StringBuilder();
        foreach (var folder in new[] { DoctorFolders.State, DoctorFolders.Cache, DoctorFolders.Records(facts.Settings.Record) }.Distinct())
        {
            text.Append(folder).Append(":\n");
            try
            {
                foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).OrderBy(e => e.FullName, StringComparer.Ordinal))
                    text.Append(CultureInfo.InvariantCulture, $"  {(entry is FileInfo f ? f.Length : 0),12}  {entry.LastWriteTimeUtc:u}  {entry.UnixFileMode,-24}  {Path.GetRelativePath(folder, entry.FullName)}\n");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                text.Append("  ").Append(e.Message).Append('\n');
            }
        }

        return text.ToString();
    }
}
