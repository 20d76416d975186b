using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Outputs;

/// <summary>What was heard at one site of an examination. Its fields mean what they mean in <see cref="VerdictMessage"/>. Immutable.</summary>
public sealed record SitePart
{
    public required Site Site { get; init; }
    public double StartSeconds { get; init; }
    public double EndSeconds { get; init; }
    public required string Verdict { get; init; }
    public bool? Alarm { get; init; }
    public InconclusiveReason? Reason { get; init; }
    public required IReadOnlyDictionary<string, double> Probabilities { get; init; }
    public double? AlarmProbability { get; init; }
    public double? Confidence { get; init; }
    public double? HeartRateBpm { get; init; }
    public required VerdictQuality Quality { get; init; }

    public static SitePart Of(SiteVerdict heard) => new()
    {
        Site = heard.Site,
        StartSeconds = heard.Verdict.StartSeconds,
        EndSeconds = heard.Verdict.EndSeconds,
        Verdict = heard.Verdict.Answer,
        Alarm = heard.Verdict.Alarm,
        Reason = heard.Verdict.Reason,
        Probabilities = heard.Verdict.Probabilities,
        AlarmProbability = heard.Verdict.AlarmProbability,
        Confidence = heard.Verdict.Confidence,
        HeartRateBpm = heard.Verdict.HeartRateBpm,
        Quality = heard.Verdict.Quality,
    };
}
