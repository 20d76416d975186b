using System.Text.Json.Nodes;
using HeartSound.Edge.Export;
using HeartSound.Edge.Outputs.Delivery;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>What waits for the broker, and whether it waits on disk. Looks at a copy: the service holds the file.</summary>
internal static class OutboxProbe
{
    public static Probe Create() => new("outbox", "verdicts that wait", Probe.Quick, (facts, _) =>
    {
        if (facts.Settings.Broker.Host is null) return new Finding("outbox", FindingLevel.NotApplicable, "there is no broker to wait for (broker.host is not set)");
        var folder = facts.Settings.Outbox.Folder ?? DoctorFolders.State;
        var file = Path.Combine(folder, OutboxFile.Name);
        try
        {
            if (!Directory.Exists(folder)) return new Finding("outbox", FindingLevel.Warning, $"{folder} is not there: the service makes it, or verdicts wait in memory", "systemd's unit makes the state directory; without it set outbox.folder to one that the service may write.");
            if (!File.Exists(file)) return new Finding("outbox", FindingLevel.Ok, $"none yet in {folder}", null, new JsonObject { ["folder"] = folder, ["waiting"] = 0 });
            using var copy = new OutboxCopy(folder);
            var waiting = copy.Read(out var fault);
            var details = new JsonObject { ["folder"] = folder, ["waiting"] = waiting.Count, ["bytes"] = waiting.Sum(v => (long)v.Length) };
            return fault is null
                ? new Finding("outbox", FindingLevel.Ok, FormattableString.Invariant($"{waiting.Count} wait in {file}"), null, details)
                : new Finding("outbox", FindingLevel.Warning, FormattableString.Invariant($"{waiting.Count} can be read in {file}: {fault}"), $"Ask again; if it stays so: heartsound export json --outbox '{folder}' saves them, and the service puts the file aside by itself.", details);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Finding("outbox", FindingLevel.Warning, $"{file} cannot be looked at: {e.Message}", "Ask as root, or as the service's user.");
        }
    });
}
