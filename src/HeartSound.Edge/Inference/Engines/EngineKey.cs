using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>All that an engine is made of and for: it is good for exactly this, and another is built when one of them changes. Null is what nobody could find out.</summary>
public sealed record EngineKey
{
    /// <summary>SHA-256 of the ONNX file, lower-case hexadecimal.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>What builds it, such as <c>TensorRt</c>.</summary>
    public required string Provider { get; init; }

    public required EnginePrecision Precision { get; init; }

    /// <summary>Release of ONNX Runtime.</summary>
    public required string OnnxRuntime { get; init; }

    public string? TensorRt { get; init; }

    /// <summary>Of the runtime library.</summary>
    public string? Cuda { get; init; }

    public string? ComputeCapability { get; init; }

    /// <summary>Release of NVIDIA's Linux for Tegra, such as <c>32.7.1</c>.</summary>
    public string? L4t { get; init; }

    public required long WorkspaceBytes { get; init; }

    /// <summary>The same for the same key on every machine; for people in its first part, and unique by its last, a hash of all of it.</summary>
    internal string FolderName
    {
        get
        {
            var readable = new StringBuilder();
            foreach (var part in new[] { ModelSha256[..Math.Min(8, ModelSha256.Length)], Provider, Precision.ToString(), TensorRt is null ? null : "trt" + TensorRt, "ort" + OnnxRuntime, ComputeCapability is null ? null : "sm" + ComputeCapability })
            {
                if (part is not null) readable.Append(part).Append('-');
            }

            for (var i = 0; i < readable.Length; i++)
                readable[i] = char.IsAsciiLetterOrDigit(readable[i]) || readable[i] is '.' or '-' ? char.ToLowerInvariant(readable[i]) : '_';
            if (readable.Length > 96) readable.Length = 96;
            return readable.Append(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical)).AsSpan(0, 8))).ToString();
        }
    }

    private string Canonical => string.Join('\n', Fields().Select(f => f.Value is null ? $"{f.Name}" : string.Create(CultureInfo.InvariantCulture, $"{f.Name}={f.Value.Length}:{f.Value}")));

    /// <summary>The first field in which the two differ, for people; null when they are the same.</summary>
    internal string? DifferenceTo(EngineKey other)
    {
        foreach (var (mine, theirs) in Fields().Zip(other.Fields()))
        {
            if (mine.Value != theirs.Value) return $"{mine.Name} is {theirs.Value ?? "unknown"}, must be {mine.Value ?? "unknown"}";
        }

        return null;
    }

    private IEnumerable<(string Name, string? Value)> Fields() =>
    [
        ("modelSha256", ModelSha256),
        ("provider", Provider),
        ("precision", Precision.ToString()),
        ("onnxRuntime", OnnxRuntime),
        ("tensorRt", TensorRt),
        ("cuda", Cuda),
        ("computeCapability", ComputeCapability),
        ("l4t", L4t),
        ("workspaceBytes", WorkspaceBytes.ToString(CultureInfo.InvariantCulture)),
    ];
}
