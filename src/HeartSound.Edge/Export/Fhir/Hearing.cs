using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Export.Fhir;

/// <summary>What one observation is made of: the whole of an examination, or what was heard at one of its sites. Immutable.</summary>
internal sealed record Hearing
{
    /// <summary>Of the resource.</summary>
    public required Guid Id { get; init; }
    public Site? Site { get; init; }
    public required string Verdict { get; init; }
    public bool? Alarm { get; init; }
    public IReadOnlyList<string>? Findings { get; init; }
    public InconclusiveReason? Reason { get; init; }
    public required IReadOnlyDictionary<string, double> Probabilities { get; init; }
    public double? AlarmProbability { get; init; }
    public double? Confidence { get; init; }
    public double? HeartRateBpm { get; init; }
    public required VerdictQuality Quality { get; init; }

    /// <summary>The observations of the sites that this one sums up.</summary>
    public IReadOnlyList<Guid> Members { get; init; } = [];

    /// <summary>The observations of one verdict, the one on the whole first. One alone where nobody named a site, or where one site is all there is.</summary>
    public static IReadOnlyList<Hearing> Of(VerdictMessage verdict)
    {
        var examination = verdict.Examination;
        IReadOnlyList<SitePart> sites = examination.Sites ?? [];
        if (sites is [var only] && only.Verdict == verdict.Verdict && only.AlarmProbability == verdict.AlarmProbability && only.Quality.Windows == verdict.Quality.Windows)
            return [Whole(verdict) with { Site = only.Site }];
        if (sites.Count == 0) return [Whole(verdict) with { Site = examination.Site }];

        // A site that was listened to twice is there twice.
        List<Hearing> members = [.. sites.Select((part, at) => At(part, FhirId.Of($"{verdict.Id}/observation/{at}/{part.Site}")))];
        return [Whole(verdict) with { Members = [.. members.Select(m => m.Id)] }, .. members];
    }

    private static Hearing Whole(VerdictMessage verdict) => new()
    {
        Id = FhirId.Of($"{verdict.Id}/observation"),
        Verdict = verdict.Verdict,
        Alarm = verdict.Alarm,
        Findings = verdict.Findings,
        Reason = verdict.Reason,
        Probabilities = verdict.Probabilities,
        AlarmProbability = verdict.AlarmProbability,
        Confidence = verdict.Confidence,
        HeartRateBpm = verdict.HeartRateBpm,
        Quality = verdict.Quality,
    };

    private static Hearing At(SitePart part, Guid id) => new()
    {
        Id = id,
        Site = part.Site,
        Verdict = part.Verdict,
        Alarm = part.Alarm,
        Reason = part.Reason,
        Probabilities = part.Probabilities,
        AlarmProbability = part.AlarmProbability,
        Confidence = part.Confidence,
        HeartRateBpm = part.HeartRateBpm,
        Quality = part.Quality,
    };
}
