using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HeartSound.Native.Cuda;
using HeartSound.Native.LibC;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>What this machine is: board, JetPack, operating system, kernel, glibc, .NET.</summary>
internal static partial class SystemProbe
{
    public static Probe Create() => new("system", "operating system", Probe.Quick, (facts, _) =>
    {
        var board = facts.Text("proc/device-tree/model") ?? facts.Text("sys/class/dmi/id/product_name");
        var l4t = GpuFacts.L4tOf(facts.Text("etc/nv_tegra_release"));
        var system = Name().Match(facts.Text("etc/os-release") ?? "") is { Success: true } name ? name.Groups[1].Value : "unknown Linux";
        var details = new JsonObject
        {
            ["board"] = board,
            ["l4t"] = l4t,
            ["system"] = system,
            ["kernel"] = facts.Text("proc/sys/kernel/osrelease"),
            ["glibc"] = SystemFacts.LibCVersion,
            ["dotnet"] = RuntimeInformation.FrameworkDescription,
            ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
            ["cores"] = Environment.ProcessorCount,
        };
        var text = string.Join(", ", new[] { board, l4t is null ? null : $"L4T {l4t}", system, $"kernel {details["kernel"]}", $"glibc {details["glibc"]}", RuntimeInformation.FrameworkDescription }.OfType<string>());
        return new Finding("system", FindingLevel.Ok, text, null, details);
    });

    [GeneratedRegex("^PRETTY_NAME=\"?([^\"\n]+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
