using HeartSound.Signal;

namespace HeartSound.Evaluation;

/// <summary>The live hints on recordings as they are, beside the verdicts on their windows, and on good ones that are spoilt from a moment on.</summary>
internal static class HintEvaluation
{
    private const int EveryGood = 4;        // every fourth good recording is spoilt, in every way
    private const double OnsetSeconds = 5;  // and up to one second later
    private static readonly double[] Deadlines = [1, 1.5, 2];

    public static List<Row> Run(IReadOnlyList<Recording> recordings)
    {
        var found = recordings.AsParallel().AsOrdered().Select(r => (Recording: r, Heard: Listen(r.ReadSamples()))).ToList();
        var rows = new List<Row>();
        foreach (var (subset, take) in new (string, Func<Recording, bool>)[] { ("all folds", _ => true), ("folds 1-4 (tuned)", r => r.Fold != 0), ("fold 0", r => r.Fold == 0) })
        {
            var part = found.Where(f => take(f.Recording)).ToList();
            foreach (var good in new[] { true, false })
            {
                var hints = part.Where(f => f.Recording.Good == good).SelectMany(f => f.Heard.Hints).ToList();
                foreach (var hint in Enum.GetValues<ContactHint>())
                    rows.Add(Statistics.Share($"hints on {(good ? "good" : "unsure")} recordings: {hint}", subset, [.. hints.Select(h => h.Hint == hint)]));
            }

            var windows = part.SelectMany(f => f.Heard.Windows).ToList();
            rows.Add(Statistics.Share("accepted windows: most hints in it Good", subset, [.. windows.Where(w => w.Accepted).Select(w => w.Good >= 0.5)]));
            rows.Add(Statistics.Share("rejected windows: some hint in it not Good", subset, [.. windows.Where(w => !w.Accepted).Select(w => w.Good < 1)]));
            rows.Add(Statistics.Share("rejected windows: most hints in it not Good", subset, [.. windows.Where(w => !w.Accepted).Select(w => w.Good < 0.5)]));
            rows.Add(Statistics.Share("windows: most hints agree with the verdict", subset, [.. windows.Select(w => w.Accepted == w.Good >= 0.5)]));
        }

        rows.Add(Changes(found.Where(f => f.Recording.Good).Select(f => f.Heard.Hints)));
        Spoilt([.. found.Where(f => f.Recording.Good).Select(f => f.Recording).Where((_, i) => i % EveryGood == 0)], rows);
        return rows;
    }

    private static Row Changes(IEnumerable<List<ContactReport>> hints)
    {
        var changes = hints.SelectMany(h => h.Zip(h.Skip(1), (a, b) => a.Hint != b.Hint)).ToList();
        return Statistics.Share("good recordings: a hint differs from the one before", "all folds", changes);
    }

    private static void Spoilt(List<Recording> clean, List<Row> rows)
    {
        foreach (var (corruption, seed) in Corruption.All.Append(Corruption.Silence).Append(Corruption.Whisper).Select((c, seed) => (c, seed)))
        {
            var right = Right(corruption);
            var after = clean.AsParallel().AsOrdered().Select(recording =>
            {
                var samples = recording.ReadSamples();
                var random = new Random(QualityEvaluation.HashCode(recording.Name, seed));
                var onset = (int)((OnsetSeconds + random.NextDouble()) * Recording.RateHz);
                var spoilt = corruption.Apply(samples, random);
                if (samples.Length < onset + Deadlines[^1] * Recording.RateHz) return null;
                samples.AsSpan(0, onset).CopyTo(spoilt);
                return Listen(spoilt).Hints.Select(h => h with { AtSeconds = h.AtSeconds - (double)onset / Recording.RateHz }).ToList();
            }).OfType<List<ContactReport>>().ToList();
            foreach (var deadline in Deadlines)
            {
                rows.Add(Statistics.Share($"{corruption.Name}: right hint within {deadline:0.#} s", "all folds", [.. after.Select(h => h.Any(x => x.AtSeconds > 0 && x.AtSeconds <= deadline && right.Contains(x.Hint)))]));
                rows.Add(Statistics.Share($"{corruption.Name}: any but Good within {deadline:0.#} s", "all folds", [.. after.Select(h => h.Any(x => x.AtSeconds > 0 && x.AtSeconds <= deadline && x.Hint != ContactHint.Good))]));
            }

            foreach (var hint in Enum.GetValues<ContactHint>())
                rows.Add(Statistics.Share($"{corruption.Name}: {hint} from 1 s on", "all folds", [.. after.SelectMany(h => h.Where(x => x.AtSeconds > 1)).Select(x => x.Hint == hint)]));
        }
    }

    private static ContactHint[] Right(Corruption corruption) => corruption.Kind switch
    {
        "noise" or "talk" => [ContactHint.TooNoisy],
        "handling" => [ContactHint.HoldStill],
        "clipping" => [ContactHint.TooLoud],
        "contact loss" => [ContactHint.PressFirmer, ContactHint.TooQuiet],
        "silence" => [ContactHint.NoSignal],
        "whisper" => [ContactHint.TooQuiet],
        _ => throw new ArgumentOutOfRangeException(nameof(corruption), corruption.Kind, null),
    };

    /// <summary>Of each window, whether it is accepted, and the share of Good among the hints whose second lies in it.</summary>
    private static (List<ContactReport> Hints, List<(bool Accepted, double Good)> Windows) Listen(float[] samples)
    {
        var quality = new SignalQuality(Assessment.Spec, new QualityGates());
        var judge = new ContactHints(Assessment.Spec, Recording.RateHz, new QualityGates());
        var hints = new List<ContactReport>();
        var windows = new List<(bool, double)>();
        var frontEnd = new FrontEnd(Assessment.Spec, Recording.RateHz, (in window) =>
        {
            var start = window.StartSeconds;
            var within = hints.Where(h => h.AtSeconds >= start + 1).ToList(); // hints of this very moment have come before the window
            var report = quality.Assess(window.Source, Recording.RateHz, window.Wideband, window.Banded);
            windows.Add((report.Accepted, within.Count(h => h.Hint == ContactHint.Good) / (double)within.Count));
        }, (in glance) => hints.Add(judge.Judge(glance)));
        frontEnd.Listen(samples);
        frontEnd.Complete();
        return (hints, windows);
    }
}
