using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace HeartSound.Edge.Settings;

/// <summary>The JSON Schema of the settings file, for editors that complete and check while one types.</summary>
internal static class SettingsSchema
{
    /// <summary>The one key of the file that is no setting: it tells an editor where the schema lies.</summary>
    public const string SchemaKey = "$schema";

    /// <summary>The schema (draft 2020-12), generated from the options records; ends with a line feed.</summary>
    public static string Generate()
    {
        var json = new JsonSerializerOptions(EdgeJson.Strict) { WriteIndented = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        var keys = SettingsCatalog.Keys.ToDictionary(k => (k.Property.DeclaringType!, k.Name));
        var sections = SettingsCatalog.Root.All.Where(s => s.Property is not null).ToDictionary(s => (s.Property!.DeclaringType!, s.Name));
        var schema = json.GetJsonSchemaAsNode(typeof(DeviceSettings), new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                if (node is not JsonObject schema) return node;
                if (context.PropertyInfo is not { AttributeProvider: PropertyInfo property } info) return context.Path.Length == 0 ? Root(schema) : schema;
                if (keys.TryGetValue((property.DeclaringType!, info.Name), out var key)) return Setting(schema, key);
                return Described(sections[(property.DeclaringType!, info.Name)].Description, schema);
            },
        });
        return schema.ToJsonString(json) + "\n";
    }

    private static JsonObject Root(JsonObject schema)
    {
        var root = new JsonObject { [SchemaKey] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "Settings of a HeartSound.Edge device" };
        var described = Described(SettingsCatalog.Root.Description, schema);
        foreach (var (name, value) in described.ToList())
        {
            described.Remove(name);
            root[name] = value;
        }

        ((JsonObject)root["properties"]!).Insert(0, SchemaKey, new JsonObject { ["description"] = "Where this schema lies, for editors.", ["type"] = "string" });
        return root;
    }

    private static JsonObject Setting(JsonObject schema, SettingKey key)
    {
        if (key.Minimum is { } minimum) schema["minimum"] = minimum;
        if (key.Maximum is { } maximum) schema["maximum"] = maximum;
        if (key.Kind == SettingKind.Text && key.Pattern is null) schema["minLength"] = 1;
        if (key.Pattern is { } pattern) schema["pattern"] = pattern;
        if (key.Kind == SettingKind.Words)
        {
            schema["minItems"] = 1;
            schema["uniqueItems"] = true;
        }

        schema["default"] = JsonNode.Parse(SettingKey.Show(key.Default));
        return Described(key.Description, schema);
    }

    private static JsonObject Described(string description, JsonObject schema)
    {
        schema.Insert(0, "description", description);
        if (schema.ContainsKey("properties")) schema["additionalProperties"] = false;
        return schema;
    }
}
