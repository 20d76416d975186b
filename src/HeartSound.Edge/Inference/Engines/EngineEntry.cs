using System.Security.Cryptography;
using System.Text.Json;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>What lies beside the files of an engine (<c>entry.json</c>): for what it was built, and what exactly was written.</summary>
internal sealed record EngineEntry
{
    public const string FileName = "entry.json";

    private const int SupportedSchema = 1;

    public required int Schema { get; init; }

    public required EngineKey Key { get; init; }

    /// <summary>Counts the engines of a cache, whose clock may not be set: the larger, the newer.</summary>
    public required long Number { get; init; }

    /// <summary>By this device's clock.</summary>
    public required DateTimeOffset Built { get; init; }

    public required double BuildSeconds { get; init; }

    public required IReadOnlyList<EngineFile> Files { get; init; }

    public long Bytes => Files.Sum(f => f.Bytes);

    public static EngineEntry Make(EngineKey key, long number, DateTimeOffset built, TimeSpan buildTime, IReadOnlyList<EngineFile> files) =>
        new() { Schema = SupportedSchema, Key = key, Number = number, Built = built, BuildSeconds = Math.Round(buildTime.TotalSeconds, 3), Files = files };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EdgeJson.Indented);

    /// <summary>The entry of the engine in <paramref name="folder"/>, or why it cannot be read.</summary>
    public static (EngineEntry? Entry, string? Fault) Read(string folder)
    {
        try
        {
            var json = File.ReadAllBytes(Path.Combine(folder, FileName));
            using var any = JsonDocument.Parse(json);
            if (any.RootElement.ValueKind != JsonValueKind.Object || !any.RootElement.TryGetProperty("schema", out var schema) || !schema.TryGetInt32(out var number))
                return (null, $"{FileName} has no schema");
            if (number != SupportedSchema) return (null, FormattableString.Invariant($"it is of schema {number}, and this program knows {SupportedSchema}"));
            var entry = JsonSerializer.Deserialize<EngineEntry>(json, EdgeJson.Strict);
            return entry is null || entry.Files.Contains(null!) ? (null, $"{FileName} lacks something") : (entry, null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, $"it has no {FileName}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, $"{FileName} is damaged: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{FileName} cannot be read: {e.Message}");
        }
    }

    /// <summary>What is wrong with the files in <paramref name="folder"/>, every byte of which is read; null when they are what was written, and nothing else is there.</summary>
    public string? FindFault(string folder)
    {
        try
        {
            var there = new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(f => f.Name != FileName && !EngineCache.IsTiming(f.Name)).ToDictionary(f => f.Name, StringComparer.Ordinal);
            if (Files.Count == 0) return "it has no files";
            foreach (var file in Files)
            {
                if (!there.Remove(file.Name, out var found)) return $"{file.Name} is missing";
                if (found is not FileInfo { LinkTarget: null } info) return $"{file.Name} is no file";
                if (info.Length != file.Bytes) return FormattableString.Invariant($"{file.Name} has {info.Length} bytes, must have {file.Bytes}");
                if (EngineFile.Read(info.FullName) != file) return $"{file.Name} is not what was written (SHA-256)";
            }

            return there.Count > 0 ? $"{there.Keys.First()} does not belong there" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}

/// <summary>One file of an engine.</summary>
/// <param name="Name">Without a folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
internal sealed record EngineFile(string Name, long Bytes, string Sha256)
{
    public static EngineFile Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return new EngineFile(Path.GetFileName(path), file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }
}
