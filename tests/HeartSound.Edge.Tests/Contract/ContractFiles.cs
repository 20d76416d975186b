using System.Text.Json.Nodes;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Remote;

namespace HeartSound.Edge.Tests.Contract;

/// <summary>The messages of the contract in <c>docs/mqtt/</c>. A new one joins by a line here.</summary>
internal static class ContractFiles
{
    /// <summary>Schema by name (with <c>#</c> one of its definitions), and the record that is written by it; null where no record alone is.</summary>
    public static IReadOnlyDictionary<string, Type?> Messages { get; } = new Dictionary<string, Type?>
    {
        ["verdict"] = typeof(VerdictMessage),
        ["live"] = typeof(LiveMessage),
        ["health"] = typeof(HealthMessage),
        ["status"] = typeof(StatusMessage),
        ["state"] = typeof(StateMessage),
        ["state#examination"] = typeof(ExaminationValue),
        ["state#until"] = typeof(UntilValue),
        ["command#examination"] = null,
        ["command#mute"] = null,
        ["command#plain"] = null,
    };

    /// <summary>Whether others write it, and the device reads it.</summary>
    public static bool IsCommand(string name) => name.StartsWith("command", StringComparison.Ordinal);

    public static JsonObject Schema(string name)
    {
        var parts = name.Split('#');
        var schema = JsonNode.Parse(File.ReadAllText(InRepository($"docs/mqtt/{parts[0]}.schema.json")))!.AsObject();
        if (parts.Length > 1) schema["$ref"] = $"#/$defs/{parts[1]}";
        return schema;
    }

    public static string InRepository(string file)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "HeartSound.Edge.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return Path.Combine(folder, file);
    }

    /// <summary>Follows <c>$ref</c> within the file, and the one branch of an <c>anyOf</c> that is not null.</summary>
    /// <param name="root">The file.</param>
    /// <param name="schema">A part of it.</param>
    /// <param name="mayBeNull">Whether null is allowed there.</param>
    public static JsonObject Resolve(JsonObject root, JsonObject schema, out bool mayBeNull)
    {
        mayBeNull = false;
        while (true)
        {
            if (schema["$ref"] is { } reference)
            {
                schema = ((string)reference!).TrimStart('#', '/').Split('/').Aggregate((JsonNode)root, (node, part) => node[part]!).AsObject();
                continue;
            }

            if (schema["anyOf"] is not JsonArray branches) break;
            mayBeNull |= branches.Any(b => (string?)b!["type"] == "null");
            schema = branches.Single(b => (string?)b!["type"] != "null")!.AsObject();
        }

        mayBeNull |= Types(schema).Contains("null") || (schema["enum"] as JsonArray)?.Any(w => w is null) == true;
        return schema;
    }

    /// <summary>What <c>type</c> names; of an enum of words "string".</summary>
    public static IReadOnlyList<string> Types(JsonObject schema) => schema["type"] switch
    {
        JsonArray several => [.. several.Select(t => (string)t!)],
        { } one => [(string)one!],
        null when schema["enum"] is JsonArray words => [.. words.Select(w => w is null ? "null" : "string").Distinct()],
        null when schema["const"] is JsonValue constant => [constant.GetValueKind() == System.Text.Json.JsonValueKind.Number ? "integer" : "string"],
        null => [],
    };

    public static IReadOnlyList<string> Words(JsonNode? list) => list is JsonArray words ? [.. words.Where(w => w is not null).Select(w => w!.ToString()).Order(StringComparer.Ordinal)] : [];
}
