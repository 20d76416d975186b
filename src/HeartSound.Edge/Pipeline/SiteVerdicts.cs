using HeartSound.Signal;

namespace HeartSound.Edge.Pipeline;

/// <summary>
/// The sites of one examination, in the order in which they were listened to, and the verdict that they add up to (<c>docs/adr/0006-examinations-by-site.md</c>):
/// an alarm at any site is an alarm; normal is only what is normal at every site; anything else is inconclusive. Not thread-safe.
/// </summary>
/// <param name="labels">Of the model, in its order.</param>
internal sealed class SiteVerdicts(IReadOnlyList<string> labels)
{
    /// <summary>How many sites there are.</summary>
    private static readonly int Sites = Enum.GetValues<Site>().Length;

    private readonly List<SiteVerdict> _heard = [];

    public int Count => _heard.Count;

    /// <summary>Whether every site that there is was heard.</summary>
    public bool IsComplete => _heard.Count == Sites;

    public IReadOnlyList<Site> Heard => [.. _heard.Select(h => h.Site)];

    public void Clear() => _heard.Clear();

    /// <summary>A site was heard. What was heard there before no longer counts.</summary>
    public void Keep(Site site, Verdict verdict)
    {
        _heard.RemoveAll(h => h.Site == site);
        _heard.Add(new SiteVerdict(site, verdict));
    }

    /// <summary>What the examination looks like: what the sites that were heard say, and on top of that <paramref name="current"/>, of the site that is listened to.</summary>
    /// <param name="current">Null between two sites.</param>
    public LiveOpinion Opinion(LiveOpinion? current)
    {
        var worst = current;
        foreach (var (_, verdict) in _heard)
        {
            var opinion = verdict.Alarm switch { true => LiveOpinion.Abnormal, false => LiveOpinion.Normal, null => LiveOpinion.Unsure };
            if (worst is null || Rank(opinion) > Rank(worst.Value)) worst = opinion;
        }

        return worst ?? LiveOpinion.None;
    }

    /// <summary>The verdict over all sites that were heard; at least one.</summary>
    public Verdict Combine()
    {
        ArgumentOutOfRangeException.ThrowIfZero(_heard.Count);
        var alarms = _heard.Where(h => h.Verdict.Alarm == true).ToList();
        var unsure = _heard.Find(h => h.Verdict.Alarm is null);

        // Whose probabilities the verdict stands on: the surest alarm, else the first that could not be judged, else the least sure "normal".
        var (site, deciding) = alarms.Count > 0 ? alarms.MaxBy(h => h.Verdict.Confidence)! : unsure ?? _heard.MinBy(h => h.Verdict.Confidence)!;
        var isInconclusive = deciding.Alarm is null;
        var findings = isInconclusive ? null : labels.Where(label => _heard.Any(h => h.Verdict.Findings?.Contains(label) == true)).ToList();
        return new Verdict
        {
            Answer = findings is null or [] ? deciding.Answer : string.Join(Verdict.Joint, findings),
            Alarm = deciding.Alarm,
            Findings = findings,
            Reason = deciding.Reason,
            Advice = isInconclusive ? $"{site.Name()} site ({site.Code()}): {deciding.Advice}" : null,
            Label = deciding.Label,
            Probabilities = deciding.Probabilities,
            AlarmProbability = _heard.Max(h => h.Verdict.AlarmProbability),
            Confidence = deciding.Confidence,
            HeartRateBpm = _heard.Where(h => h.Verdict.HeartRateBpm is not null).MaxBy(h => h.Verdict.Quality.GoodSeconds)?.Verdict.HeartRateBpm,
            Quality = Sum([.. _heard.Select(h => h.Verdict.Quality)]),
            ComputedBy = _heard.SelectMany(h => h.Verdict.ComputedBy).GroupBy(c => c.Key, c => c.Value).ToDictionary(g => g.Key, g => g.Sum()),
            StartSeconds = _heard.Min(h => h.Verdict.StartSeconds),
            EndSeconds = _heard.Max(h => h.Verdict.EndSeconds),
            Sites = [.. _heard],
        };
    }

    // Away from normal at once, as within a site: an alarm stands whatever else is heard, and what is not known yet is no "normal".
    private static int Rank(LiveOpinion opinion) => opinion switch
    {
        LiveOpinion.Normal => 0,
        LiveOpinion.None => 1,
        LiveOpinion.Unsure => 2,
        _ => 3,
    };

    private static VerdictQuality Sum(IReadOnlyList<VerdictQuality> parts)
    {
        var windows = parts.Sum(p => p.Windows);
        return new VerdictQuality
        {
            Score = windows == 0 ? null : parts.Sum(p => p.Score * p.Windows ?? 0) / windows,
            Windows = windows,
            AcceptedWindows = parts.Sum(p => p.AcceptedWindows),
            GoodSeconds = parts.Sum(p => p.GoodSeconds),
            Rejected = Enum.GetValues<QualityReason>().Select(r => (Reason: r, Count: parts.Sum(p => p.Rejected.GetValueOrDefault(r)))).Where(r => r.Count > 0).ToDictionary(r => r.Reason, r => r.Count),
            Gaps = parts.Sum(p => p.Gaps),
            FaultySamples = parts.Sum(p => p.FaultySamples),
        };
    }
}
