using System.Text.Json.Nodes;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether the device can write what it must keep, and how much room there is.</summary>
internal static class DiskProbe
{
    private const long WarnBelowMb = 300, FailBelowMb = 30;

    public static Probe Create() => new("disk", "disk", Probe.Quick, (facts, _) =>
    {
        var places = new List<(string What, string Folder)> { ("state", DoctorFolders.State), ("cache", DoctorFolders.Cache) };
        if (facts.Settings.Record.Enabled) places.Add(("records", DoctorFolders.Records(facts.Settings.Record)));
        var found = places.Select(p => Look(p.What, p.Folder)).ToList();
        var details = new JsonObject { ["folders"] = new JsonArray([.. found.Select(f => new JsonObject { ["what"] = f.What, ["folder"] = f.Folder, ["exists"] = f.Exists, ["writable"] = f.Fault is null && f.Exists, ["freeMb"] = f.FreeMb })]) };
        if (found.All(f => !f.Exists) && !facts.Service.IsInstalled)
            return new Finding("disk", FindingLevel.NotApplicable, $"the service is not installed: there is no {string.Join(", no ", found.Select(f => f.Folder))}", null, details);
        var text = string.Join("; ", found.Select(f => FormattableString.Invariant($"{f.What} {f.Folder} {(f.Exists ? f.Fault ?? $"{f.FreeMb} MB free" : "is not there yet")}")));
        if (found.Any(f => f.IsForbidden) && Environment.UserName != "root")
            return new Finding("disk", FindingLevel.Warning, $"{text}: for {Environment.UserName} that may be as it should", "Only the service's user and root can tell: sudo heartsound doctor", details);
        return found.Any(f => f.Fault is not null) ? new Finding("disk", FindingLevel.Failed, text, "The folder must belong to the service's user, and the disk be mounted for writing (mount -o remount,rw /; a disk that became read-only by itself is failing: dmesg).", details)
            : found.Any(f => f.Exists && f.FreeMb < FailBelowMb) ? new Finding("disk", FindingLevel.Failed, text, "Make room: journalctl --vacuum-size=50M, apt-get clean; lower record.maxMegabytes.", details)
            : found.Any(f => f.Exists && f.FreeMb < WarnBelowMb) ? new Finding("disk", FindingLevel.Warning, text, "Make room: journalctl --vacuum-size=50M, apt-get clean; lower record.maxMegabytes.", details)
            : new Finding("disk", FindingLevel.Ok, text, null, details);
    });

    private static Place Look(string what, string folder)
    {
        if (!Directory.Exists(folder)) return new Place(what, folder, false, null, false, 0);
        try
        {
            var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
            File.WriteAllBytes(probe, new byte[1]);
            File.Delete(probe);
            return new Place(what, folder, true, null, false, new DriveInfo(folder).AvailableFreeSpace / 1_000_000);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Place(what, folder, true, $"cannot be written: {e.Message}", e is UnauthorizedAccessException, 0);
        }
    }

    private sealed record Place(string What, string Folder, bool Exists, string? Fault, bool IsForbidden, long FreeMb);
}
