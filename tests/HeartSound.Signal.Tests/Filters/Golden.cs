using System.Runtime.CompilerServices;
using System.Text.Json;

namespace HeartSound.Signal.Tests.Filters;

/// <summary>Reads the JSON that tests/golden/filters/make_golden.py writes.</summary>
internal static class Golden
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>The file's <c>cases</c>.</summary>
    public static IReadOnlyList<T> Cases<T>(string name, [CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "golden", "filters", name);
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.GetProperty("cases").Deserialize<T[]>(Options)!;
    }
}
