using System.Text;
using System.Text.RegularExpressions;

namespace HeartSound.Edge.Doctor.Bundle;

/// <summary>What the system says, as plain text: kernel, packages, USB, sound cards, journal. What is not there is left out.</summary>
internal static partial class SystemForBundle
{
    private const int JournalLines = 3000, KernelLines = 500;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private static readonly string[] UsbFacts = ["idVendor", "idProduct", "manufacturer", "product", "serial", "speed", "bMaxPower", "bDeviceClass"];
    private static readonly string[] Packages = ["libportaudio2", "libasound2", "libgpiod2", "libgpiod3", "libmosquitto1", "libsndfile1", "nvidia-l4t-core", "tensorrt", "libnvinfer8"];

    private static readonly string[] SoundFacts = ["version", "cards", "devices"];
    private static readonly string[] CardFacts = ["id", "usbid", "usbbus", "stream0"];
    private static readonly string[] StreamFacts = ["status", "hw_params"];

    public static string Versions(DoctorCase facts) => string.Join('\n', new[]
    {
        $"heartsound {Outputs.VerdictStamp.Software}",
        facts.Text("proc/version"),
        facts.Text("etc/os-release"),
        facts.Text("etc/nv_tegra_release"),
        facts.Text("proc/device-tree/model"),
        SystemTool.Run(Limit, "sh", "-c", $"dpkg-query -W {string.Join(' ', Packages)} 2>/dev/null; true"),
        $"environment: {string.Join(' ', Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(k => k.StartsWith("HEARTSOUND_", StringComparison.Ordinal) || k.StartsWith("DOTNET_", StringComparison.Ordinal)).Order(StringComparer.Ordinal))} (names only)",
    }.OfType<string>()) + "\n";

    public static string? Journal() => SystemTool.Run(Limit, "journalctl", "-u", ServiceUnit.Name, "-n", $"{JournalLines}", "--no-pager", "-o", "short-iso");

    public static string? Unit(DoctorCase facts) => facts.Service.HasSystemd ? SystemTool.Run(Limit, "systemctl", "cat", ServiceUnit.Name, "--no-pager") : null;

    /// <summary>What the kernel said about USB, sound, GPIO, heat, disks and memory.</summary>
    public static string? Kernel() =>
        SystemTool.Run(Limit, "dmesg") is { } log ? string.Join('\n', log.Split('\n').Where(l => Ours().IsMatch(l)).TakeLast(KernelLines)) + "\n" : null;

    public static string Usb(DoctorCase facts)
    {
        var text = new StringBuilder();
        foreach (var device in Folders(Path.Combine(facts.Root, "sys/bus/usb/devices")))
        {
            var told = UsbFacts.Select(f => (f, Value: facts.Text(Path.GetRelativePath(facts.Root, Path.Combine(device, f))))).Where(f => f.Value is not null).ToList();
            if (told.Count > 0) text.Append(Path.GetFileName(device)).Append(": ").AppendJoin(", ", told.Select(f => $"{f.f} {f.Value}")).Append('\n');
        }

        return text.ToString();
    }

    public static string Sound(DoctorCase facts)
    {
        var text = new StringBuilder();
        foreach (var file in SoundFacts.Concat(Folders(Path.Combine(facts.Root, "proc/asound"), "card*").SelectMany(CardFiles)))
            if (facts.Text($"proc/asound/{file}") is { } told) text.Append("== ").Append(file).Append('\n').Append(told).Append('\n');
        return text.ToString();
    }

    private static IEnumerable<string> CardFiles(string card)
    {
        var name = Path.GetFileName(card);
        return CardFacts.Select(f => $"{name}/{f}")
            .Concat(Folders(card, "pcm*c").SelectMany(pcm => StreamFacts.Select(f => $"{name}/{Path.GetFileName(pcm)}/sub0/{f}")));
    }

    private static IEnumerable<string> Folders(string folder, string pattern = "*")
    {
        try
        {
            return Directory.GetDirectories(folder, pattern).Order(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [GeneratedRegex(@"usb|snd|alsa|audio|gpio|therm|throttl|soctherm|voltage|over.?current|oom|out of memory|ext4|mmc|nvme|I/O error|heartsound|watchdog", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Ours();
}
