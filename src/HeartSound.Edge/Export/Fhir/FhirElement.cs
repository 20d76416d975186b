using System.Globalization;
using System.Text.Json.Nodes;

namespace HeartSound.Edge.Export.Fhir;

/// <summary>The parts that FHIR's resources are made of. FHIR knows neither null nor the empty list: what is not there is left out.</summary>
internal static class FhirElement
{
    public static JsonObject Object(params ReadOnlySpan<(string Name, JsonNode? Value)> parts)
    {
        var made = new JsonObject();
        foreach (var (name, value) in parts)
        {
            if (value is not null and not JsonArray { Count: 0 }) made.Add(name, value);
        }

        return made;
    }

    public static JsonArray List(params IEnumerable<JsonNode?> items) => [.. items.Where(i => i is not null)];

    public static JsonObject Concept(IEnumerable<FhirCode> codes, string? text = null) => Object(("coding", List(codes.Select(c => c.ToJson()))), ("text", Text(text)));

    public static JsonObject Quantity(double value, string unit, string code) => Object(("value", value), ("unit", unit), ("system", FhirCode.Ucum), ("code", code));

    public static JsonObject Reference(Guid id) => Object(("reference", Url(id)));

    public static JsonObject Note(string text) => Object(("text", text));

    public static JsonObject Tag() => Object(("tag", List(FhirCode.Own("tag", "research-tool", ResearchTool).ToJson())));

    /// <summary>Says that a part is added which FHIR does not know.</summary>
    public static JsonObject Extension(string what, string valueType, JsonNode value) => Object(("url", $"urn:heartsound-edge:fhir:{what}"), (valueType, value));

    /// <summary>To the millisecond, in UTC, as FHIR's <c>instant</c> wants it.</summary>
    public static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Url(Guid id) => $"urn:uuid:{id}";

    /// <summary>FHIR's <c>code</c> allows no white space but single blanks between words.</summary>
    public static string Line(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>On everything that leaves.</summary>
    public const string ResearchTool = "A research tool, not a medical device";

    private static JsonValue? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : JsonValue.Create(text);
}
