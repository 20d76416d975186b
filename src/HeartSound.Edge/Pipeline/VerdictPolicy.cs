using HeartSound.Edge.Inference;

namespace HeartSound.Edge.Pipeline;

/// <summary>
/// From evidence to an answer, as the model's manifest says:
/// enough good seconds, then a plausible heart rate, then a probability outside the abstain band. Anything less is inconclusive, never "normal".
/// </summary>
internal sealed class VerdictPolicy(ModelManifest manifest)
{
    /// <summary>Calibrated probabilities of mean logits (sums divided by <paramref name="windows"/>).</summary>
    public void Probabilities(ReadOnlySpan<double> logitSums, int windows, Span<double> probabilities)
    {
        var scale = 1 / (windows * manifest.Calibration.Temperature);
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

    /// <summary>The probability that one of the alarm labels holds.</summary>
    public double AlarmProbability(ReadOnlySpan<double> probabilities)
    {
        var alarm = 0.0;
        for (var label = 0; label < probabilities.Length; label++)
        {
            if (manifest.IsAlarm(label)) alarm += probabilities[label];
        }

        return Math.Min(alarm, 1);
    }

    public Verdict Decide(Evidence evidence, double? heartRateBpm, VerdictQuality quality, double startSeconds, double endSeconds)
    {
        var verdict = new Verdict
        {
            Answer = Verdict.Inconclusive,
            Quality = quality,
            HeartRateBpm = heartRateBpm,
            StartSeconds = startSeconds,
            EndSeconds = endSeconds,
        };
        if (evidence.Windows == 0)
        {
            return verdict with { Reason = quality.Gaps > 0 ? InconclusiveReason.Interrupted : InconclusiveReason.TooShort };
        }

        Span<double> probabilities = stackalloc double[manifest.Labels.Count];
        Probabilities(evidence.LogitSums, evidence.LogitWindows, probabilities);
        var alarm = AlarmProbability(probabilities);
        if (!double.IsFinite(alarm)) throw new ModelException($"{manifest.Id}: the network gave a number that is none; the model or the provider is broken. Run 'heartsound model verify'.");
        var calibration = manifest.Calibration;
        verdict = verdict with
        {
            Label = Likeliest(probabilities, alarm >= calibration.AlarmThreshold),
            AlarmProbability = alarm,
            Probabilities = manifest.Labels.Zip(probabilities.ToArray()).ToDictionary(p => p.First, p => p.Second),
        };

        if (evidence.GoodSeconds < manifest.Policy.MinGoodSeconds)
        {
            return verdict with
            {
                Reason = evidence.MainRejection() is { } rejection ? InconclusiveReasons.From(rejection)
                    : quality.Gaps > 0 ? InconclusiveReason.Interrupted
                    : InconclusiveReason.TooShort,
            };
        }

        if (heartRateBpm is not { } rate || rate < manifest.Policy.MinHeartRateBpm || rate > manifest.Policy.MaxHeartRateBpm)
            return verdict with { Reason = InconclusiveReason.NoHeartbeat };
        if (alarm > calibration.AlarmBelow && alarm < calibration.AlarmAbove)
            return verdict with { Reason = InconclusiveReason.Uncertain };

        var isAlarm = alarm >= calibration.AlarmAbove;
        return verdict with { Answer = Likeliest(probabilities, isAlarm), Alarm = isAlarm, Confidence = isAlarm ? alarm : 1 - alarm };
    }

    private string Likeliest(ReadOnlySpan<double> probabilities, bool amongAlarms)
    {
        var best = -1;
        for (var label = 0; label < probabilities.Length; label++)
        {
            if (manifest.IsAlarm(label) == amongAlarms && (best < 0 || probabilities[label] > probabilities[best])) best = label;
        }

        return manifest.Labels[best];
    }
}
