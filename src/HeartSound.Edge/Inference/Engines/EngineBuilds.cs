using System.Text.Json;
using HeartSound.Native.LibC;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>How long one build took.</summary>
internal sealed record EngineBuild(string ModelSha256, EnginePrecision Precision, double Seconds);

/// <summary>How long the last builds in a cache took, the oldest first; outlives the engines. Only an estimate is made of it: what cannot be read is as if it were not there.</summary>
internal static class EngineBuilds
{
    public const string FileName = "builds.json";

    private const int Most = 32;

    public static IReadOnlyList<EngineBuild> Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<List<EngineBuild?>>(File.ReadAllBytes(Path.Combine(folder, FileName)), EdgeJson.Strict)?.OfType<EngineBuild>().Where(b => b.Seconds is >= 0 and < 1e6).ToList() ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Add(string folder, EngineBuild build)
    {
        var next = Path.Combine(folder, "." + FileName);
        EngineCache.Write(next, JsonSerializer.SerializeToUtf8Bytes(Read(folder).Append(build).TakeLast(Most), EdgeJson.Compact));
        File.Move(next, Path.Combine(folder, FileName), overwrite: true);
        DiskSync.Flush(folder);
    }
}
