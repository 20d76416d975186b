using System.Runtime.InteropServices;
using System.Text.Json;

namespace HeartSound.Edge.Inference;

/// <summary>What the trainer measured with this very model: inputs, features and logits, to hold a machine against.</summary>
public sealed record GoldenFile
{
    /// <summary>Name of the goldens inside a model's folder.</summary>
    public const string FileName = "golden.json";

    public int Schema { get; init; }

    /// <summary>SHA-256 of the ONNX file these belong to.</summary>
    public string ModelSha256 { get; init; } = "";

    public IReadOnlyList<GoldenCase> Cases { get; init; } = [];

    /// <exception cref="ModelException">The file is missing, damaged, or belongs to another model.</exception>
    public static GoldenFile Load(ModelBundle model)
    {
        ArgumentNullException.ThrowIfNull(model);
        GoldenFile golden;
        try
        {
            using var stream = File.OpenRead(model.GoldenPath);
            golden = JsonSerializer.Deserialize<GoldenFile>(stream, EdgeJson.Strict) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ModelException($"{model.GoldenPath}: the model's goldens cannot be read ({e.Message}), so this machine cannot be held against them. Copy the whole model folder again.", e);
        }

        if (golden.Schema != 1 || golden.Cases.Count == 0)
            throw new ModelException($"{model.GoldenPath}: has schema {golden.Schema} and {golden.Cases.Count} cases; this program reads schema 1 with at least one case. Copy the whole model folder again.");
        if (golden.Cases.Contains(null!)) // the reader checks properties, not the elements of lists
            throw new ModelException($"{model.GoldenPath}: one of its cases is null. Copy the whole model folder again.");
        if (golden.ModelSha256 != model.Sha256)
            throw new ModelException($"{model.GoldenPath}: belongs to another model (SHA-256 {golden.ModelSha256}, the model's is {model.Sha256}). Copy the whole model folder again.");
        return golden;
    }
}

/// <summary>One simulated recording and what became of it where the model was made.</summary>
public sealed record GoldenCase
{
    public string Name { get; init; } = "";
    public int SampleRateHz { get; init; }

    /// <summary>Little-endian float32, base64.</summary>
    public string Samples { get; init; } = "";
    public int Windows { get; init; }

    /// <summary>Little-endian float32 <c>[windows, melBands, windowFrames]</c>, base64.</summary>
    public string Features { get; init; } = "";

    /// <summary><c>[windows, labels]</c>.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Logits { get; init; } = [];

    /// <summary>The likeliest label of each window.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    internal static float[] Decode(string base64) => MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(base64)).ToArray();
}
