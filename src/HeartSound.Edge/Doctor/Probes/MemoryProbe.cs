using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether there is memory for the service beside what else runs.</summary>
internal static partial class MemoryProbe
{
    private const long FailBelowMb = 100, WarnBelowMb = 250; // the service takes about 150 MB with ResNet18 on the CPU

    public static Probe Create() => new("memory", "memory", Probe.Quick, (facts, _) =>
    {
        var kilobytes = Line().Matches(facts.Text("proc/meminfo") ?? "").ToDictionary(m => m.Groups[1].Value, m => long.Parse(m.Groups[2].ValueSpan, CultureInfo.InvariantCulture), StringComparer.Ordinal);
        if (!kilobytes.TryGetValue("MemAvailable", out var available)) return new Finding("memory", FindingLevel.NotApplicable, "the kernel does not say");
        long Mb(string name) => kilobytes.GetValueOrDefault(name) / 1024;
        var details = new JsonObject { ["totalMb"] = Mb("MemTotal"), ["availableMb"] = available / 1024, ["swapTotalMb"] = Mb("SwapTotal"), ["swapFreeMb"] = Mb("SwapFree") };
        var text = $"{available / 1024} MB of {Mb("MemTotal")} MB available, swap {(Mb("SwapTotal") == 0 ? "none" : $"{Mb("SwapFree")} MB of {Mb("SwapTotal")} MB free")}";
        var needed = facts.Service.Pid is null;
        return available / 1024 < FailBelowMb ? new Finding("memory", needed ? FindingLevel.Failed : FindingLevel.Warning, text, "Stop other programs, or boot without a desktop: systemctl set-default multi-user.target saves about 1 GB on a Jetson.", details)
            : available / 1024 < WarnBelowMb ? new Finding("memory", FindingLevel.Warning, text, "Boot without a desktop: systemctl set-default multi-user.target saves about 1 GB on a Jetson.", details)
            : new Finding("memory", FindingLevel.Ok, text, null, details);
    });

    [GeneratedRegex(@"^(\w+):\s+(\d+) kB", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
