using System.Text.Json;
using System.Text.Json.Nodes;
using HeartSound.Signal;

namespace HeartSound.Edge.Inference;

/// <summary>
/// What a model says about itself: labels, front end, calibration, quality gates, rules, origin. JSON in the ONNX file's metadata
/// under <see cref="MetadataKey"/>, so that one file is the whole model. Immutable.
/// </summary>
public sealed record ModelManifest
{
    /// <summary>Key of the manifest in the ONNX file's metadata.</summary>
    public const string MetadataKey = "heartsound.manifest";

    /// <summary>Version of this structure that the program reads.</summary>
    public const int SupportedSchema = 1;

    public int Schema { get; init; }
    public string Id { get; init; } = "";
    public string Version { get; init; } = "";

    /// <summary>What it was trained for, such as <c>physionet2016</c>.</summary>
    public string Task { get; init; } = "";

    /// <summary>Name of each output, in the order of the logits.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The labels that mean that something is wrong with the heart; the others do not.</summary>
    public IReadOnlyList<string> AlarmLabels { get; init; } = [];

    /// <summary>Whether one label holds, or any number of them at once.</summary>
    public ModelOutput Output { get; init; }

    public FrontEndSpec FrontEnd { get; init; } = new();
    public Calibration Calibration { get; init; } = new();
    public VerdictRules Policy { get; init; } = new();
    public QualityGates Quality { get; init; } = new();
    public GoldenTolerance GoldenTolerance { get; init; } = new();

    /// <summary>What it was trained on and how that was split; for people.</summary>
    public JsonObject? Dataset { get; init; }

    /// <summary>What was measured, on what; for people.</summary>
    public JsonObject? Metrics { get; init; }

    /// <summary>When it was made, ISO 8601.</summary>
    public string Created { get; init; } = "";

    /// <summary>Revision of the trainer that made it.</summary>
    public string Trainer { get; init; } = "";

    /// <summary>Whether label <paramref name="index"/> is one of <see cref="AlarmLabels"/>.</summary>
    public bool IsAlarm(int index) => AlarmLabels.Contains(Labels[index]);

    /// <summary>The probability from which label <paramref name="index"/> is a finding.</summary>
    public double Threshold(int index) => Calibration.Thresholds?.TryGetValue(Labels[index], out var own) == true ? own : Calibration.AlarmThreshold;

    /// <summary>Reads a manifest and refuses one that this program cannot reproduce, naming everything that is wrong.</summary>
    /// <param name="json">From the file's metadata; null where it has none.</param>
    /// <param name="modelName">For messages.</param>
    /// <exception cref="ModelException">It is missing, no JSON, of another schema, has a setting that is unknown here or out of range.</exception>
    public static ModelManifest Parse(string? json, string modelName)
    {
        if (json is null)
            throw new ModelException($"{modelName}: an ONNX model, but it carries no manifest ('{MetadataKey}' in its metadata), so nobody knows its labels and its front end. Export it with 'python -m heartsound_trainer export'.");
        ModelManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<ModelManifest>(json, EdgeJson.Strict)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new ModelException($"{modelName}: its manifest cannot be read: {e.Message} Either the file is damaged or it was made for another version of this program: copy the model again, or update the program.");
        }

        if (manifest.Faults() is { Count: > 0 } faults)
            throw new ModelException($"{modelName}: its manifest asks for what this program cannot do:{string.Concat(faults.Select(f => $"\n  - {f}"))}\nUse a model made for this version, or update the program.");
        return manifest;
    }

    private List<string> Faults()
    {
        var faults = new List<string>();
        void Check(bool ok, string fault)
        {
            if (!ok) faults.Add(fault);
        }

        Check(Schema == SupportedSchema, $"schema is {Schema}, this program reads {SupportedSchema}");
        Check(Id.Length > 0, "id is missing");
        var isSigmoid = Output == ModelOutput.Sigmoid;
        var fewest = isSigmoid ? 1 : 2;
        Check(Labels.Count >= fewest, $"labels has {Labels.Count} entries, must be at least {fewest}");
        Check(Labels.Distinct().Count() == Labels.Count && Labels.All(l => !string.IsNullOrEmpty(l)), "labels must be named, each once");
        Check(!Labels.Contains(Pipeline.Verdict.Inconclusive), $"a label may not be called '{Pipeline.Verdict.Inconclusive}'");
        Check(AlarmLabels.Count > 0 && (isSigmoid || AlarmLabels.Count < Labels.Count) && AlarmLabels.All(Labels.Contains),
            isSigmoid ? "alarmLabels must name some of the labels, or all" : "alarmLabels must name some of the labels, and not all");
        Check(!isSigmoid || Labels.All(l => l is null || (l != Pipeline.Verdict.Normal && !l.Contains(Pipeline.Verdict.Joint))),
            $"with output sigmoid no label may be called '{Pipeline.Verdict.Normal}' (that is what no finding is called) or hold a '{Pipeline.Verdict.Joint}' (which joins findings)");
        Check(Calibration.Thresholds is null || isSigmoid, "calibration.thresholds belongs to models with output sigmoid");
        foreach (var (label, threshold) in Calibration.Thresholds ?? new Dictionary<string, double>())
        {
            Check(Labels.Contains(label), $"calibration.thresholds names '{label}', which is no label");
            Check(threshold > 0 && threshold <= Calibration.AlarmAbove, FormattableString.Invariant($"calibration.thresholds.{label} is {threshold}, must be above 0 and at most alarmAbove"));
        }

        Check(Calibration.Temperature is > 0 and < 1000, FormattableString.Invariant($"calibration.temperature is {Calibration.Temperature}, must be above 0 and below 1000"));
        Check(Calibration.AlarmBelow is >= 0 and <= 1 && Calibration.AlarmAbove is >= 0 and <= 1
              && Calibration.AlarmBelow <= Calibration.AlarmThreshold && Calibration.AlarmThreshold <= Calibration.AlarmAbove,
            FormattableString.Invariant($"calibration must hold 0 <= alarmBelow ({Calibration.AlarmBelow}) <= alarmThreshold ({Calibration.AlarmThreshold}) <= alarmAbove ({Calibration.AlarmAbove}) <= 1"));
        Check(Policy.MinGoodSeconds >= FrontEnd.WindowSeconds && Policy.MinGoodSeconds <= 600,
            FormattableString.Invariant($"policy.minGoodSeconds is {Policy.MinGoodSeconds}, must be windowSeconds to 600"));
        Check(Policy.MinHeartRateBpm >= 20 && Policy.MinHeartRateBpm < Policy.MaxHeartRateBpm && Policy.MaxHeartRateBpm <= 300,
            FormattableString.Invariant($"policy heart rate is {Policy.MinHeartRateBpm} to {Policy.MaxHeartRateBpm}, must lie within 20 to 300"));
        Check(GoldenTolerance.Features is > 0 and <= 0.1 && GoldenTolerance.Logits is > 0 and <= 1, "goldenTolerance must be above 0, features at most 0.1 and logits at most 1");
        faults.AddRange(FrontEnd.Faults());
        faults.AddRange(Quality.Faults());
        return faults;
    }
}
