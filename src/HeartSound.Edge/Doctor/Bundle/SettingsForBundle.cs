using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HeartSound.Edge.Settings;

namespace HeartSound.Edge.Doctor.Bundle;

/// <summary>The settings without secrets: only what is known to be a setting is shown, and not the user's name at the broker.</summary>
internal static partial class SettingsForBundle
{
    private static readonly HashSet<string> Hidden = ["broker.username"];

    public static string Text(DoctorCase facts)
    {
        if (facts.Loaded is { } loaded)
            return new JsonObject
            {
                ["source"] = loaded.Source,
                ["origins"] = JsonSerializer.SerializeToNode(loaded.Origins, EdgeJson.Compact),
                ["settings"] = Show(JsonSerializer.SerializeToNode(loaded.Settings, EdgeJson.Compact), ""),
            }.ToJsonString(EdgeJson.Indented);

        return new JsonObject { ["faults"] = new JsonArray([.. Faults(facts).Select(f => JsonValue.Create(f))]) }.ToJsonString(EdgeJson.Indented);
    }

    /// <summary>Where the settings are wrong, without what is wrong.</summary>
    public static IEnumerable<string> Faults(DoctorCase facts) => facts.SettingsFault?.Faults.Select(f => $"{f.Origin}: {f.Path}") ?? [];

    /// <summary>The user's name at the broker, also out of settings that are no good: a journal may hold it.</summary>
    public static IEnumerable<string> UserNames(DoctorCase facts)
    {
        var key = SettingsCatalog.Keys.First(k => k.Path == "broker.username");
        return User().Matches(facts.SettingsText ?? "").Select(m => m.Groups[1].Value)
            .Concat(new[] { facts.Settings.Broker.Username, Environment.GetEnvironmentVariable(key.Variable) }.OfType<string>());
    }

    [GeneratedRegex(@"""user[a-z]*""\s*:\s*""([^""]+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex User();

    private static JsonNode? Show(JsonNode? node, string path)
    {
        if (node is not JsonObject map) return node is null || (SettingsCatalog.Keys.Any(k => k.Path == path) && !Hidden.Contains(path)) ? node?.DeepClone() : JsonValue.Create(Scrubber.Removed);
        return new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Show(m.Value, path.Length == 0 ? m.Key : $"{path}.{m.Key}"))));
    }
}
