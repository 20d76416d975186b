using System.Text.Json.Nodes;
using HeartSound.Edge.Records;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether examinations can be kept, where the settings ask for it: key, folder, room.</summary>
internal static class RecordProbe
{
    public static Probe Create() => new("record", "record of examinations", Probe.Quick, (facts, _) =>
    {
        var options = facts.Settings.Record;
        if (!options.Enabled) return new Finding("record", FindingLevel.NotApplicable, "no examination is kept (record.enabled is false)");
        var store = new RecordStore(DoctorFolders.Records(options));
        try
        {
            if (options.KeyFile is null && Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is null)
                return new Finding("record", FindingLevel.Warning, $"the key is systemd's credential '{RecordKey.Credential}', which only the service can read", "'systemctl status heartsound' and the part 'record' on MQTT say whether it has it.");
            var key = RecordKey.Load(options.KeyFile);
            var records = store.List();
            var details = new JsonObject { ["folder"] = store.Folder, ["keyId"] = Convert.ToHexStringLower(key.Id.Span), ["records"] = records.Count, ["bytes"] = records.Sum(r => r.Bytes) };
            var text = FormattableString.Invariant($"{records.Count} in {store.Folder}, {records.Sum(r => r.Bytes) / 1e6:0.0} of at most {options.MaxMegabytes} MB");
            var freeMb = Directory.Exists(store.Folder) ? store.FreeBytes() / 1_000_000 : (long?)null;
            return freeMb < options.MinFreeMegabytes
                ? new Finding("record", FindingLevel.Warning, $"{text}; only {freeMb} MB are free, and {options.MinFreeMegabytes} must stay so: nothing is kept", "Make room, or lower record.maxMegabytes.", details)
                : new Finding("record", FindingLevel.Ok, text, null, details);
        }
        catch (Exception e) when (e is RecordException or IOException or UnauthorizedAccessException)
        {
            return new Finding("record", FindingLevel.Warning, $"examinations are not kept: {e.Message}", "docs/records.md says how key and folder must be.");
        }
    });
}
