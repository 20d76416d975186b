using HeartSound.Signal;

namespace HeartSound.Evaluation;

internal static class QualityEvaluation
{
    private const int EveryGood = 4; // every fourth good recording is corrupted, in every way

    public static List<Row> Run(IReadOnlyList<Recording> recordings)
    {
        var found = recordings.AsParallel().AsOrdered().Select(r => (Recording: r, Result: Assessment.Of(r.ReadSamples()))).ToList();
        var rows = new List<Row>();
        foreach (var (subset, take) in Subsets())
        {
            var part = found.Where(f => take(f.Recording)).ToList();
            rows.Add(Statistics.Auroc("AUROC, labelled good against unsure", subset, [.. part.Select(f => (f.Result.Score, f.Recording.Good, f.Recording.Group))]));
            var good = part.Where(f => f.Recording.Good).ToList();
            rows.Add(Statistics.Share("good recordings with an accepted window", subset, [.. good.Select(f => f.Result.Accepted)]));
            rows.Add(Statistics.Share("good recordings with two accepted windows", subset, [.. good.Select(f => f.Result.Windows.Count(w => w.Accepted) >= 2)]));
            rows.Add(Statistics.Share("accepted windows of good recordings", subset, [.. good.SelectMany(f => f.Result.Windows).Select(w => w.Accepted)]));
            rows.Add(Statistics.Share("unsure recordings with an accepted window", subset, [.. part.Where(f => !f.Recording.Good).Select(f => f.Result.Accepted)]));
        }

        foreach (var reason in Enum.GetValues<QualityReason>())
        {
            rows.Add(Statistics.Share($"windows of good recordings: {reason}", "all folds", [.. found.Where(f => f.Recording.Good).SelectMany(f => f.Result.Windows).Select(w => w.Reason == reason)]));
        }

        Corrupted(found, rows);
        NoHeart(rows);
        return rows;
    }

    private static void Corrupted(List<(Recording Recording, Assessment Result)> found, List<Row> rows)
    {
        var clean = found.Where(f => f.Recording.Good).Where((_, i) => i % EveryGood == 0).ToList();
        var spoiled = Spoil(Corruption.All, clean);

        foreach (var (subset, take) in new (string, Func<Recording, bool>)[] { ("all folds", _ => true), ("fold 0", r => r.Fold == 0) })
        {
            var originals = clean.Where(f => take(f.Recording)).Select(f => (f.Result.Score, true, f.Recording.Group)).ToList();
            var part = spoiled.Where(s => take(s.Recording)).ToList();
            rows.Add(Statistics.Auroc("AUROC, clean against all corruptions", subset, [.. originals, .. part.Select(s => (s.Result.Score, false, s.Recording.Group))]));
            foreach (var kind in part.GroupBy(s => s.Corruption.Kind))
                rows.Add(Statistics.Auroc($"AUROC, clean against all of: {kind.Key}", subset, [.. originals, .. kind.Select(s => (s.Result.Score, false, s.Recording.Group))]));
            foreach (var kind in part.GroupBy(s => s.Corruption.Name))
                rows.Add(Statistics.Auroc($"AUROC, clean against {kind.Key}", subset, [.. originals, .. kind.Select(s => (s.Result.Score, false, s.Recording.Group))]));
        }

        foreach (var kind in spoiled.Concat(Spoil(Corruption.PartialLoss, clean)).GroupBy(s => s.Corruption.Name))
            rows.Add(Statistics.Share($"accepted windows: {kind.Key}", "all folds", [.. kind.SelectMany(s => s.Result.Windows).Select(w => w.Accepted)]));
    }

    private static List<(Corruption Corruption, Recording Recording, Assessment Result)> Spoil(IReadOnlyList<Corruption> corruptions, List<(Recording Recording, Assessment Result)> clean) =>
    [
        .. corruptions.SelectMany((c, seed) => clean.Select(f => (Corruption: c, f.Recording, Seed: seed)))
            .AsParallel().AsOrdered()
            .Select(s => (s.Corruption, s.Recording, Assessment.Of(s.Corruption.Apply(s.Recording.ReadSamples(), new Random(HashCode(s.Recording.Name, s.Seed)))))),
    ];

    private static void NoHeart(List<Row> rows)
    {
        foreach (var (name, make) in Corruption.NoHeart)
        {
            var windows = Enumerable.Range(0, 40).AsParallel().AsOrdered().SelectMany(seed =>
            {
                var level = Math.Pow(10, -(10 + seed) / 20.0); // −10 to −49 dB of full scale
                var samples = make(60 * Recording.RateHz, new Random(seed)).Select(v => (float)Math.Clamp(Math.Round(v * level * 32768) / 32768, -1, 1)).ToArray();
                return Assessment.Of(samples).Windows;
            }).ToList();
            rows.Add(Statistics.Share($"accepted windows: {name}", "made", [.. windows.Select(w => w.Accepted)]));
        }
    }

    private static IEnumerable<(string, Func<Recording, bool>)> Subsets()
    {
        yield return ("all folds", _ => true);
        yield return ("folds 1-4 (tuned)", r => r.Fold != 0);
        yield return ("fold 0", r => r.Fold == 0);
        foreach (var database in new[] { "a", "b", "c", "d", "e" }) yield return ($"database {database}", r => r.Database == database);
    }

    /// <summary>The same on every run, unlike <see cref="string.GetHashCode()"/>.</summary>
    internal static int HashCode(string name, int seed) => name.Aggregate(17 + seed, (h, c) => unchecked(h * 31 + c)) & int.MaxValue;
}
