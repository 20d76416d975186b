using System.Text.Json.Nodes;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether the settings are good, and which file they are from.</summary>
internal static class SettingsProbe
{
    public static Probe Create() => new("settings", "settings", Probe.Quick, (facts, _) =>
    {
        if (facts.SettingsFault is { } fault)
        {
            var details = new JsonObject { ["faults"] = new JsonArray([.. fault.Faults.Select(f => new JsonObject { ["origin"] = f.Origin, ["path"] = f.Path, ["problem"] = f.Problem })]) };
            return new Finding("settings", FindingLevel.Failed, string.Join("; ", fault.Faults.Select(f => f.ToString())), "Correct them; docs/settings.md explains each, 'heartsound settings check FILE' tries a file. Everything below was asked with the defaults.", details);
        }

        var loaded = facts.Loaded!;
        return new Finding("settings", FindingLevel.Ok, $"{loaded.Source}: {loaded.Origins.Count} set, the rest by default", null,
            new JsonObject { ["file"] = loaded.File, ["set"] = new JsonArray([.. loaded.Origins.Keys.Order(StringComparer.Ordinal).Select(k => JsonValue.Create(k))]) });
    });
}
