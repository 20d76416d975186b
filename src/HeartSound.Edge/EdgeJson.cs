using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HeartSound.Edge;

/// <summary>How this program writes and reads JSON: camelCase, enums as words, one line.</summary>
internal static class EdgeJson
{
    /// <summary>For what we write, and for what may have fields we do not know.</summary>
    public static JsonSerializerOptions Compact { get; } = Make();

    /// <summary>The same over several lines, for people.</summary>
    public static JsonSerializerOptions Indented { get; } = new(Make()) { WriteIndented = true };

    /// <summary>For what changes results: a field we do not know is an error, because ignoring it would change them.</summary>
    public static JsonSerializerOptions Strict { get; } = new(Make()) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private static JsonSerializerOptions Make() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // file names stay readable; JSON lines are never put into HTML
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };
}
