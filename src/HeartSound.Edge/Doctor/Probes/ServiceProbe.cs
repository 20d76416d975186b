using System.Globalization;
using System.Text.Json.Nodes;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether systemd has the service, runs it, and had to start it again.</summary>
internal static class ServiceProbe
{
    public static Probe Create() => new("service", "service", Probe.Quick, (facts, _) =>
    {
        var service = facts.Service;
        if (!service.HasSystemd) return new Finding("service", FindingLevel.NotApplicable, "systemd does not run this machine");
        if (!service.IsInstalled) return new Finding("service", FindingLevel.NotApplicable, $"{ServiceUnit.Name} is not installed");
        string Property(string name) => service.Properties.GetValueOrDefault(name, "");
        var restarts = int.TryParse(Property("NRestarts"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        var details = new JsonObject
        {
            ["active"] = Property("ActiveState"),
            ["sub"] = Property("SubState"),
            ["enabled"] = Property("UnitFileState"),
            ["restarts"] = restarts,
            ["result"] = Property("Result"),
            ["pid"] = service.Pid,
            ["status"] = Property("StatusText"),
            ["file"] = Property("FragmentPath"),
        };
        var text = $"{Property("ActiveState")} ({Property("SubState")}), {Property("UnitFileState")}{(restarts > 0 ? $", started again {restarts} times" : "")}{(Property("StatusText") is { Length: > 0 } status ? $": {status}" : "")}";
        return Property("ActiveState") switch
        {
            "active" when Property("UnitFileState") is not ("enabled" or "enabled-runtime" or "static") => new Finding("service", FindingLevel.Warning, text, "It does not start with the machine: systemctl enable heartsound", details),
            "active" when restarts > 0 => new Finding("service", FindingLevel.Warning, text, "Why: journalctl -u heartsound -p warning", details),
            "active" or "reloading" => new Finding("service", FindingLevel.Ok, text, null, details),
            "activating" => new Finding("service", FindingLevel.Warning, text, "It is starting, or is started again and again: journalctl -u heartsound -p warning", details),
            "failed" => new Finding("service", FindingLevel.Failed, $"{text}, {Property("Result")}", "Why: journalctl -u heartsound -p warning. Then: systemctl restart heartsound", details),
            _ => new Finding("service", FindingLevel.Warning, text, "Start it: systemctl enable --now heartsound", details),
        };
    });
}
