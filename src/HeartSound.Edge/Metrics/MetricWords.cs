using System.Text.Json;

namespace HeartSound.Edge.Metrics;

/// <summary>Values of attributes: enums in lower case with underscores, as OpenTelemetry writes them.</summary>
internal static class MetricWords
{
    /// <summary>The stage in which a verdict is written to the disk.</summary>
    public const string Store = "store";

    /// <summary>The stage in which a verdict is given to one of the outputs: broker, terminal.</summary>
    public const string Publish = "publish";

    public const string None = "none";

    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>An attribute for each value of an enum, made once, so that measuring allocates nothing.</summary>
    public static KeyValuePair<string, object?>[] Tags<T>(string name)
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(value => KeyValuePair.Create<string, object?>(name, Of(value)))];
}
