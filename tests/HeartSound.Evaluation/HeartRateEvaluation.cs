namespace HeartSound.Evaluation;

internal static class HeartRateEvaluation
{
    private const double ToleranceBpm = 5;
    private const double PlausibleLowBpm = 35;  // the policy a model carries by default
    private const double PlausibleHighBpm = 200;

    public static List<Row> Run(IReadOnlyList<Recording> recordings)
    {
        var known = recordings.Where(r => r.ReferenceBpm is not null).ToList();
        var found = known.AsParallel().AsOrdered().Select(r => (Recording: r, Result: Assessment.Of(r.ReadSamples()))).ToList();
        var rows = new List<Row>();
        foreach (var (subset, take) in Subsets())
        {
            var part = found.Where(f => take(f.Recording)).ToList();
            var accepted = part.Where(f => f.Result.Accepted && f.Result.RateOfAccepted.BeatsPerMinute is >= PlausibleLowBpm and <= PlausibleHighBpm).ToList();
            rows.Add(Statistics.Share("within 5 bpm, all recordings", subset, [.. part.Select(f => Near(f.Result.RateOfAll.BeatsPerMinute, f.Recording, 1))]));
            rows.Add(Statistics.Share("within 5 bpm, accepted recordings", subset, [.. accepted.Select(f => Near(f.Result.RateOfAccepted.BeatsPerMinute, f.Recording, 1))]));
            rows.Add(Statistics.Share("accepted", subset, [.. part.Select(f => f.Result.Accepted)]));
            rows.Add(Statistics.Share("octave error: double, accepted recordings", subset, [.. accepted.Select(f => Near(f.Result.RateOfAccepted.BeatsPerMinute, f.Recording, 2))]));
            rows.Add(Statistics.Share("octave error: half, accepted recordings", subset, [.. accepted.Select(f => Near(f.Result.RateOfAccepted.BeatsPerMinute, f.Recording, 0.5))]));
        }

        return rows;
    }

    private static IEnumerable<(string, Func<Recording, bool>)> Subsets()
    {
        yield return ("all folds", _ => true);
        yield return ("folds 1-4 (tuned)", r => r.Fold != 0);
        yield return ("fold 0", r => r.Fold == 0);
        foreach (var database in new[] { "a", "b", "c", "d", "e" }) yield return ($"database {database}", r => r.Database == database);
    }

    private static bool Near(double? bpm, Recording recording, double factor) =>
        bpm is { } value && Math.Abs(value - factor * recording.ReferenceBpm!.Value) <= ToleranceBpm * Math.Max(1, factor);
}
