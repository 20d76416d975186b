using System.CommandLine;
using HeartSound.Edge.Doctor;
using HeartSound.Edge.Doctor.Bundle;
using HeartSound.Edge.Settings;
using HeartSound.Native.LibC;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>doctor</c>: every part of the device, asked in the way in which the service uses it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var settings = new Option<string?>("--settings") { Description = $"Settings file to go by; else {SettingsFile.PathVariable}, else {SettingsFile.DefaultPath} where that exists.", HelpName = "FILE" };
        var only = new Option<string[]>("--only") { Description = $"Ask only these: {string.Join(", ", ProbeCatalog.All.Select(p => p.Id))}.", HelpName = "ID", AllowMultipleArgumentsPerToken = true };
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output." };
        var bundle = new Option<string?>("--support-bundle") { Description = "Also write everything that helps somebody to help, without sound, keys, passwords and verdicts.", HelpName = "FILE.tar.gz" };
        only.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => ProbeCatalog.All.All(p => p.Id != t.Value))) result.AddError($"--only is '{token.Value}', must be one of {string.Join(", ", ProbeCatalog.All.Select(p => p.Id))}.");
        });
        var command = new Command("doctor", "Asks every part of the device in the way in which the service uses it, and says what to do. Exit code 8 if a part does not work.") { settings, only, json, bundle };
        command.SetAction((parsed, stop) =>
        {
            var chosen = parsed.GetValue(only) is { Length: > 0 } ids ? ProbeCatalog.All.Where(p => ids.Contains(p.Id)).ToList() : ProbeCatalog.All;
            var facts = new DoctorCase(parsed.GetValue(settings));
            var report = new DoctorReport(Ask(chosen, facts, stop), DateTimeOffset.UtcNow);
            if (parsed.GetValue(json)) Console.Out.WriteLine(report.ToJson());
            else DoctorTable.Write(Terminal.Out, report);
            if (parsed.GetValue(bundle) is { } file) WriteBundle(file, report, facts);
            return Task.FromResult(End(report));
        });
        return command;
    }

    private static List<Finding> Ask(IReadOnlyList<Probe> probes, DoctorCase facts, CancellationToken stop)
    {
        if (Console.IsErrorRedirected) return [.. DoctorRun.Ask(probes, facts, _ => { }, stop)];
        return Terminal.Error.Status().Start("The doctor looks …", status => DoctorRun.Ask(probes, facts, probe => status.Status($"{Markup.Escape(probe.Title)} …"), stop).ToList());
    }

    private static void WriteBundle(string file, DoctorReport report, DoctorCase facts)
    {
        try
        {
            SupportBundle.Write(file, report, facts);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{file}: the support bundle cannot be written: {e.Message}", e);
        }

        Console.Error.WriteLine($"{file} is written. Look through it before you give it to somebody: tar -xzf {file}");
    }

    private static int End(DoctorReport report)
    {
        var code = report.Level == FindingLevel.Failed ? ExitCode.Unwell : ExitCode.Ok;
        Console.Out.Flush();
        if (report.Findings.Any(f => f.HasHung)) ProcessEnd.Now(code); // a probe is stuck in native code, and ending in the usual way would wait for it
        return code;
    }
}
