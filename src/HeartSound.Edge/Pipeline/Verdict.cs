using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Pipeline;

/// <summary>What the pipeline says of one recording or examination. Immutable.</summary>
public sealed record Verdict
{
    /// <summary>The third answer, beside the model's labels.</summary>
    public const string Inconclusive = "inconclusive";

    /// <summary>What a model that looks for findings says when there is none.</summary>
    public const string Normal = "normal";

    /// <summary>Stands between several findings.</summary>
    public const char Joint = '+';

    /// <summary>One of the model's labels, or <see cref="Inconclusive"/>. Of a model that looks for several findings at once: those it found, joined by
    /// <see cref="Joint"/>, or <see cref="Normal"/>. Over several sites: the same of all that was found at any of them.</summary>
    public required string Answer { get; init; }

    /// <summary>Whether <see cref="Answer"/> holds one of the model's alarm labels; null when inconclusive.</summary>
    public bool? Alarm { get; init; }

    /// <summary>What was found, one label each: all that <see cref="Answer"/> joins, the one alarm label that it is, or nothing; null when inconclusive.</summary>
    public IReadOnlyList<string>? Findings { get; init; }

    /// <summary>Why it is inconclusive; null when it is not.</summary>
    public InconclusiveReason? Reason { get; init; }

    /// <summary>What the person beside the device should do now; null when it is not inconclusive.</summary>
    public string? Advice { get; init; }

    /// <summary>What an answer forced out of the model would be, for figures that know no abstaining; null when not one window was heard. Of two labels
    /// that of the alarm threshold's side, of more the likeliest, of findings all that reach their threshold. Never show it in place of <see cref="Answer"/>.</summary>
    public string? Label { get; init; }

    /// <summary>Calibrated probability of every label, from the accepted windows (from all, when none was accepted); empty when not one window was heard.</summary>
    public IReadOnlyDictionary<string, double> Probabilities { get; init; } = new Dictionary<string, double>();

    /// <summary>Sum over the alarm labels of <see cref="Probabilities"/>; of a model that looks for several findings at once, the largest of them.</summary>
    public double? AlarmProbability { get; init; }

    /// <summary>Probability of the side that <see cref="Answer"/> is on (alarm or not); null when inconclusive.</summary>
    public double? Confidence { get; init; }

    /// <summary>Beats per minute over the accepted windows; null when no regular beat was found.</summary>
    public double? HeartRateBpm { get; init; }

    /// <summary>How good the sound was.</summary>
    public required VerdictQuality Quality { get; init; }

    /// <summary>How many windows each provider computed; empty when there was none.</summary>
    public IReadOnlyDictionary<OnnxProvider, int> ComputedBy { get; init; } = new Dictionary<OnnxProvider, int>();

    /// <summary>What was heard at each site, in the order in which they were listened to; null when nobody named one.</summary>
    public IReadOnlyList<SiteVerdict>? Sites { get; init; }

    /// <summary>Where in the stream the evidence starts, in seconds.</summary>
    public double StartSeconds { get; init; }

    /// <summary>Where in the stream the evidence ends, in seconds.</summary>
    public double EndSeconds { get; init; }
}
