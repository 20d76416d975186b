using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace HeartSound.Edge.Tests.Contract;

/// <summary>
/// Schemas and records are of one mind: every field of a record is in its schema with the right type, and the other way round. So a field that is added, renamed or made
/// nullable in C# cannot leave the device without standing in the contract.
/// </summary>
public sealed class SchemaTests
{
    /// <summary>Words of an enum that no message has: a good window is not rejected.</summary>
    private static readonly string[] NeverSaid = ["good"];

    private static readonly JsonSerializerOptions Options = new(EdgeJson.Compact) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    public static TheoryData<string> Names => [.. ContractFiles.Messages.Where(m => m.Value is not null).Select(m => m.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Schema_OfEachMessage_IsThatOfItsRecord(string name)
    {
        var faults = new List<string>();
        var root = ContractFiles.Schema(name);
        Compare(ContractFiles.Messages[name]!, ContractFiles.Resolve(root, root, out _), root, name, faults);
        Assert.True(faults.Count == 0, $"docs/mqtt/{name}.schema.json and the record are not of one mind:\n{string.Join('\n', faults)}");
    }

    /// <summary>Else the test above would pass for anything.</summary>
    [Theory]
    [InlineData("properties/heartRateBpm/type", "\"number\"")]
    [InlineData("properties/alarm/type", "\"boolean\"")]
    [InlineData("properties/examination/properties/site/enum", """["AV","PV","TV",null]""")]
    [InlineData("properties/quality/properties/windows/type", "\"number\"")]
    [InlineData("properties/quality/properties/rejected/propertyNames/enum", """["dead"]""")]
    [InlineData("properties/invented", "{}")]
    [InlineData("properties/series", null)]
    [InlineData("properties/id/format", null)]
    [InlineData("required", """["schema"]""")]
    public void Schema_ThatIsChangedInOnePlace_IsNoticed(string place, string? value)
    {
        var root = ContractFiles.Schema("verdict");
        var path = place.Split('/');
        var parent = path[..^1].Aggregate((JsonNode)root, (node, part) => node[part]!).AsObject();
        if (value is null) parent.Remove(path[^1]);
        else parent[path[^1]] = JsonNode.Parse(value);
        var faults = new List<string>();
        Compare(ContractFiles.Messages["verdict"]!, root, root, "verdict", faults);
        Assert.NotEmpty(faults);
    }

    private static void Compare(Type type, JsonObject schema, JsonObject root, string path, List<string> faults)
    {
        var said = schema["properties"]?.AsObject() ?? [];
        var required = ContractFiles.Words(schema["required"]);
        var fields = Options.GetTypeInfo(type).Properties.Where(p => p.Get is not null).ToDictionary(p => p.Name);
        foreach (var name in said.Select(p => p.Key).Except(fields.Keys)) faults.Add($"{path}.{name}: is in the schema alone");
        foreach (var (name, field) in fields)
        {
            var here = $"{path}.{name}";
            if (said[name] is not JsonObject part)
            {
                faults.Add($"{here}: is in the record alone");
                continue;
            }

            var isAlwaysWritten = field.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), inherit: true) != true;
            if (required.Contains(name) && !isAlwaysWritten) faults.Add($"{here}: is required, and not always written");
            if (!required.Contains(name) && field.IsRequired) faults.Add($"{here}: must be required, the program cannot read a message without it");
            var resolved = ContractFiles.Resolve(root, part, out var mayBeNull);
            if (isAlwaysWritten && mayBeNull != MayBeNull(field)) faults.Add($"{here}: may {(mayBeNull ? "" : "not ")}be null by the schema, and may {(mayBeNull ? "not " : "")}by the record");
            CompareValue(Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType, resolved, root, here, faults);
        }
    }

    private static bool MayBeNull(JsonPropertyInfo field) => field.PropertyType.IsValueType ? Nullable.GetUnderlyingType(field.PropertyType) is not null : field.IsGetNullable;

    private static void CompareValue(Type type, JsonObject schema, JsonObject root, string path, List<string> faults)
    {
        var types = ContractFiles.Types(schema).Where(t => t != "null").ToList();
        var expected = type switch
        {
            _ when type == typeof(bool) => "boolean",
            _ when type == typeof(int) || type == typeof(long) => "integer",
            _ when type == typeof(double) => "number",
            _ when type == typeof(string) || type == typeof(Guid) || type == typeof(DateTimeOffset) || type.IsEnum => "string",
            _ when Values(type) is not null => "object",
            _ when Items(type) is not null => "array",
            _ => "object",
        };
        if (types is not [var only] || only != expected)
        {
            faults.Add($"{path}: is '{string.Join(' ', types)}' by the schema, '{expected}' by the record");
            return;
        }

        var format = type == typeof(Guid) ? "uuid" : type == typeof(DateTimeOffset) ? "date-time" : null;
        if (format is not null && (string?)schema["format"] != format) faults.Add($"{path}: must have the format {format}");
        if (type.IsEnum) CompareWords(type, schema["enum"], path, faults);
        if (Values(type) is var (key, value) && schema["additionalProperties"] is JsonObject values)
        {
            if (key.IsEnum) CompareWords(key, schema["propertyNames"]?["enum"], $"{path}{{name}}", faults);
            CompareValue(value, ContractFiles.Resolve(root, values, out _), root, $"{path}{{}}", faults);
        }
        else if (Values(type) is not null)
        {
            faults.Add($"{path}: must say what its additionalProperties are");
        }
        else if (Items(type) is { } item)
        {
            if (schema["items"] is JsonObject items) CompareValue(item, ContractFiles.Resolve(root, items, out _), root, $"{path}[]", faults);
            else faults.Add($"{path}: must say what its items are");
        }
        else if (expected == "object" && type != typeof(object)) // what else it may be has schemas of its own
        {
            Compare(type, schema, root, path, faults);
        }
    }

    private static void CompareWords(Type type, JsonNode? words, string path, List<string> faults)
    {
        var ours = Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(v => JsonSerializer.SerializeToElement(Enum.ToObject(type, v), type, EdgeJson.Compact).GetString()!).ToList();
        var theirs = ContractFiles.Words(words);
        foreach (var word in ours.Except(theirs).Except(NeverSaid)) faults.Add($"{path}: the schema lacks the word '{word}'");
        foreach (var word in theirs.Except(ours)) faults.Add($"{path}: nobody says the word '{word}'");
    }

    private static (Type Key, Type Value)? Values(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? (type.GetGenericArguments()[0], type.GetGenericArguments()[1]) : null;

    private static Type? Items(Type type) => type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)) && type.IsGenericType ? type.GetGenericArguments()[0] : null;
}
