using System.Text.Json;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Classification;

/// <summary>One line of <c>classify --json</c>. Scripts rely on it: fields are only ever added.</summary>
internal sealed record ClassifyJson
{
    public required string File { get; init; }

    /// <summary>What a forced answer would be, a label or findings joined by '+'; null when nothing was heard.</summary>
    public string? Label { get; init; }

    /// <summary>Calibrated probability of every label; empty when nothing was heard.</summary>
    public required IReadOnlyDictionary<string, double> Probabilities { get; init; }

    /// <summary>A label or findings joined by '+', or <c>inconclusive</c>; null when the recording failed.</summary>
    public string? Verdict { get; init; }

    /// <summary>Whether the verdict says that something is wrong with the heart; null when it says neither.</summary>
    public bool? Alarm { get; init; }

    /// <summary>What was found, one label each; null when there is no verdict.</summary>
    public IReadOnlyList<string>? Findings { get; init; }

    /// <summary>Why it is inconclusive.</summary>
    public InconclusiveReason? Reason { get; init; }

    public string? Advice { get; init; }

    /// <summary>Why the recording failed.</summary>
    public string? Error { get; init; }

    /// <summary>What was odd about the file, though it could be read.</summary>
    public string? Warning { get; init; }

    public double? AlarmProbability { get; init; }
    public double? Confidence { get; init; }
    public VerdictQuality? Quality { get; init; }
    public double? HeartRateBpm { get; init; }
    public double? Seconds { get; init; }
    public required IReadOnlyList<WindowJson> Windows { get; init; }
    public required ModelPart Model { get; init; }
    public required string Provider { get; init; }

    public static string Line(RecordingResult result, ModelBundle model) => JsonSerializer.Serialize(new ClassifyJson
    {
        File = result.File,
        Label = result.Verdict?.Label,
        Probabilities = result.Verdict?.Probabilities ?? new Dictionary<string, double>(),
        Verdict = result.Verdict?.Answer,
        Alarm = result.Verdict?.Alarm,
        Findings = result.Verdict?.Findings,
        Reason = result.Verdict?.Reason,
        Advice = result.Verdict?.Advice,
        Error = result.Error,
        Warning = result.Warning,
        AlarmProbability = result.Verdict?.AlarmProbability,
        Confidence = result.Verdict?.Confidence,
        Quality = result.Verdict?.Quality,
        HeartRateBpm = result.Verdict?.HeartRateBpm,
        Seconds = result.Error is null ? result.Seconds : null,
        Windows = result.Windows.Select(w => new WindowJson(w.StartSeconds, w.EndSeconds, w.AlarmProbability, w.Quality.Accepted, w.Quality.Reason, w.Quality.Score)).ToList(),
        Model = ModelPart.Of(model),
        Provider = model.Provider.ToString(),
    }, EdgeJson.Compact);
}

/// <summary>One window of a recording.</summary>
internal sealed record WindowJson(double StartSeconds, double EndSeconds, double AlarmProbability, bool Accepted, QualityReason Quality, double Score);
