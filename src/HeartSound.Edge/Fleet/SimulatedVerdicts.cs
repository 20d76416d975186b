using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Fleet;

/// <summary>What a device might say: three in four normal, one in eight abnormal, one in eight inconclusive. Belongs to one thread at a time.</summary>
internal sealed class SimulatedVerdicts(Random random)
{
    private static readonly InconclusiveReason[] Reasons = Enum.GetValues<InconclusiveReason>();

    private double _end;

    public Verdict Next()
    {
        var kind = random.Next(8);
        var alarm = kind switch { 0 => 0.9 + (0.1 * random.NextDouble()), 1 => 0.3 + (0.4 * random.NextDouble()), _ => 0.1 * random.NextDouble() };
        var start = _end + (20 * random.NextDouble());
        _end = start + 30;
        var windows = random.Next(6, 12);
        var accepted = kind == 1 ? random.Next(3) : random.Next(4, windows + 1);
        return new Verdict
        {
            Answer = kind switch { 0 => "abnormal", 1 => Verdict.Inconclusive, _ => Verdict.Normal },
            Alarm = kind == 1 ? null : kind == 0,
            Findings = kind switch { 0 => ["abnormal"], 1 => null, _ => [] },
            Reason = kind == 1 ? Reasons[random.Next(Reasons.Length)] : null,
            Advice = kind == 1 ? "Move the chest piece to a place where the heart is heard clearly." : null,
            Probabilities = new Dictionary<string, double> { ["normal"] = 1 - alarm, ["abnormal"] = alarm },
            AlarmProbability = alarm,
            Confidence = kind == 1 ? null : Math.Max(alarm, 1 - alarm),
            HeartRateBpm = kind == 1 ? null : 50 + (60 * random.NextDouble()),
            Quality = new VerdictQuality { Score = random.NextDouble(), Windows = windows, AcceptedWindows = accepted, GoodSeconds = 2.5 * (accepted + 1) },
            StartSeconds = start,
            EndSeconds = _end,
        };
    }
}
