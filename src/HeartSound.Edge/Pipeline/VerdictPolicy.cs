using HeartSound.Edge.Inference;
using HeartSound.Signal;

namespace HeartSound.Edge.Pipeline;

/// <summary>
/// From evidence to an answer, as the model's manifest says:
/// enough good seconds, then a plausible heart rate, then a probability outside the abstain band. Anything less is inconclusive, never "normal".
/// </summary>
internal sealed class VerdictPolicy(ModelManifest manifest)
{
    /// <summary>Good sound in which two beats of any heart from 40 a minute up lie. Windows shorter than this cannot be asked whether the beat repeats, and less
    /// good sound than this may be too little to show a rate.</summary>
    private const double TwoBeatsSeconds = 3;

    private readonly bool _isSigmoid = manifest.Output == ModelOutput.Sigmoid;

    /// <summary>Calibrated probabilities of mean logits (sums divided by <paramref name="windows"/>).</summary>
    public void Probabilities(ReadOnlySpan<double> logitSums, int windows, Span<double> probabilities)
    {
        var scale = 1 / (windows * manifest.Calibration.Temperature);
        if (_isSigmoid)
        {
            for (var label = 0; label < logitSums.Length; label++) probabilities[label] = 1 / (1 + Math.Exp(-logitSums[label] * scale));
            return;
        }

        var largest = double.NegativeInfinity;
        foreach (var sum in logitSums) largest = Math.Max(largest, sum);
        var total = 0.0;
        for (var label = 0; label < logitSums.Length; label++)
        {
            probabilities[label] = Math.Exp((logitSums[label] - largest) * scale);
            total += probabilities[label];
        }

        foreach (ref var probability in probabilities) probability /= total;
    }

    /// <summary>The probability that one of the alarm labels holds. Of labels that may hold together it is that of the likeliest: how they depend on one another is
    /// not known, and it is at least that.</summary>
    public double AlarmProbability(ReadOnlySpan<double> probabilities)
    {
        var alarm = 0.0;
        for (var label = 0; label < probabilities.Length; label++)
        {
            if (manifest.IsAlarm(label)) alarm = _isSigmoid ? Math.Max(alarm, probabilities[label]) : alarm + probabilities[label];
        }

        return Math.Min(alarm, 1);
    }

    /// <summary>Whether this may be the rate of a heart: within the model's rules, and regular enough where single windows could not be asked that.</summary>
    public bool IsPlausible(HeartRateEstimate heartRate)
    {
        var isWeak = manifest.FrontEnd.WindowSeconds < TwoBeatsSeconds && heartRate.Strength < manifest.Quality.MinPeriodicity;
        return heartRate.BeatsPerMinute is { } rate && rate >= manifest.Policy.MinHeartRateBpm && rate <= manifest.Policy.MaxHeartRateBpm && !isWeak;
    }

    /// <summary>Whether an alarm label reaches its threshold, where labels are findings.</summary>
    public bool HasFinding(ReadOnlySpan<double> probabilities)
    {
        for (var label = 0; _isSigmoid && label < probabilities.Length; label++)
        {
            if (manifest.IsAlarm(label) && probabilities[label] >= manifest.Threshold(label)) return true;
        }

        return false;
    }

    public Verdict Decide(Evidence evidence, HeartRateEstimate heartRate, VerdictQuality quality, double startSeconds, double endSeconds)
    {
        var verdict = new Verdict
        {
            Answer = Verdict.Inconclusive,
            Quality = quality,
            HeartRateBpm = heartRate.BeatsPerMinute,
            StartSeconds = startSeconds,
            EndSeconds = endSeconds,
        };
        var rules = manifest.Policy;
        if (evidence.Windows == 0)
            return quality.Gaps > 0 ? Because(verdict, InconclusiveReason.Interrupted) : TooShort(verdict, rules.MinGoodSeconds);

        Span<double> probabilities = stackalloc double[manifest.Labels.Count];
        Probabilities(evidence.LogitSums, evidence.LogitWindows, probabilities);
        var alarm = AlarmProbability(probabilities);
        var total = 0.0;
        foreach (var probability in probabilities) total += probability;
        if (!double.IsFinite(total)) throw new ModelException($"{manifest.Id}: the network gave a number that is none; the model or the provider is broken. Run 'heartsound model verify'.");
        var calibration = manifest.Calibration;
        var found = Found(probabilities);
        verdict = verdict with
        {
            Label = _isSigmoid ? Join(found)
                : manifest.Labels.Count == 2 ? Likeliest(probabilities, alarm >= calibration.AlarmThreshold)
                : Likeliest(probabilities, null),
            AlarmProbability = alarm,
            Probabilities = manifest.Labels.Zip(probabilities.ToArray()).ToDictionary(p => p.First, p => p.Second),
        };

        if (evidence.GoodSeconds < rules.MinGoodSeconds)
        {
            return evidence.MainRejection() is { } rejection ? Because(verdict, InconclusiveReasons.From(rejection))
                : quality.Gaps > 0 ? Because(verdict, InconclusiveReason.Interrupted)
                : TooShort(verdict, rules.MinGoodSeconds);
        }

        if (!IsPlausible(heartRate))
            return evidence.GoodSeconds < TwoBeatsSeconds ? TooShort(verdict, TwoBeatsSeconds) : Because(verdict, InconclusiveReason.NoHeartbeat);
        var isAlarm = alarm >= calibration.AlarmAbove;
        if (!isAlarm && (alarm > calibration.AlarmBelow || HasFinding(probabilities)))
            return Because(verdict, InconclusiveReason.Uncertain);

        var answer = _isSigmoid ? Join(found) : Likeliest(probabilities, isAlarm);
        return verdict with
        {
            Answer = answer,
            Alarm = isAlarm,
            Findings = _isSigmoid ? found : isAlarm ? [answer] : [],
            Confidence = isAlarm ? alarm : 1 - alarm,
        };
    }

    private static Verdict Because(Verdict verdict, InconclusiveReason reason) => verdict with { Reason = reason, Advice = reason.Advice() };

    private static Verdict TooShort(Verdict verdict, double neededSeconds) => verdict with
    {
        Reason = InconclusiveReason.TooShort,
        Advice = FormattableString.Invariant($"{InconclusiveReason.TooShort.Advice()} At least {neededSeconds:0.#} s of good sound are needed."),
    };

    /// <summary>The labels that reach their threshold, where labels are findings.</summary>
    private List<string> Found(ReadOnlySpan<double> probabilities)
    {
        var found = new List<string>();
        for (var label = 0; _isSigmoid && label < probabilities.Length; label++)
        {
            if (probabilities[label] >= manifest.Threshold(label)) found.Add(manifest.Labels[label]);
        }

        return found;
    }

    private static string Join(List<string> found) => found.Count == 0 ? Verdict.Normal : string.Join(Verdict.Joint, found);

    /// <summary>The likeliest label: of all, or of the alarms or the others alone.</summary>
    private string Likeliest(ReadOnlySpan<double> probabilities, bool? amongAlarms)
    {
        var best = -1;
        for (var label = 0; label < probabilities.Length; label++)
        {
            if ((amongAlarms is null || manifest.IsAlarm(label) == amongAlarms) && (best < 0 || probabilities[label] > probabilities[best])) best = label;
        }

        return manifest.Labels[best];
    }
}
