using System.Text.Json.Nodes;

namespace HeartSound.Edge.Tests.Contract;

/// <summary>One place of a message as version 1 promises it: what others have built on. Immutable.</summary>
/// <param name="Types">JSON types, "null" among them where it may be null.</param>
/// <param name="IsRequired">Whether it is always there (within what contains it).</param>
/// <param name="Words">The words that it may say; empty where it may say anything.</param>
internal sealed record ContractPath(IReadOnlyList<string> Types, bool IsRequired, IReadOnlyList<string> Words)
{
    public string ToJson()
    {
        var json = new JsonObject { ["type"] = string.Join(' ', Types), ["required"] = IsRequired };
        if (Words.Count > 0) json["enum"] = new JsonArray([.. Words.Select(w => JsonValue.Create(w))]);
        return json.ToJsonString(EdgeJson.Compact);
    }

    public static ContractPath Read(JsonNode json) => new(((string)json["type"]!).Split(' '), (bool)json["required"]!, ContractFiles.Words(json["enum"]));

    /// <summary>Every place of a schema by its path, such as <c>examination.sites[].quality.rejected{}</c>.</summary>
    public static SortedDictionary<string, ContractPath> Of(JsonObject root)
    {
        var paths = new SortedDictionary<string, ContractPath>(StringComparer.Ordinal);
        Walk(root, root, "", isRequired: true, paths);
        return paths;
    }

    private static void Walk(JsonObject root, JsonObject unresolved, string path, bool isRequired, SortedDictionary<string, ContractPath> paths)
    {
        var schema = ContractFiles.Resolve(root, unresolved, out var mayBeNull);
        var types = ContractFiles.Types(schema).Where(t => t != "null");
        var words = schema["const"] is { } constant ? [constant.ToString()] : ContractFiles.Words(schema["enum"] ?? schema["propertyNames"]?["enum"]);
        if (path.Length > 0) paths[path] = new ContractPath([.. types.Concat(mayBeNull ? ["null"] : []).Order(StringComparer.Ordinal)], isRequired, words);
        var required = ContractFiles.Words(schema["required"]);
        foreach (var (name, part) in schema["properties"]?.AsObject() ?? []) Walk(root, part!.AsObject(), path.Length > 0 ? $"{path}.{name}" : name, required.Contains(name), paths);
        if (schema["items"] is JsonObject items) Walk(root, items, $"{path}[]", isRequired: false, paths);
        if (schema["additionalProperties"] is JsonObject values) Walk(root, values, $"{path}{{}}", isRequired: false, paths);
    }
}
