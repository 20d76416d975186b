using HeartSound.Edge.Inference;
using HeartSound.Signal;

namespace HeartSound.Edge.Pipeline;

/// <summary>
/// The opinion while an examination lasts, from the mean logits of its accepted windows so far. It is slow to become normal and quick to leave it: a wrong "normal" is
/// the worst there is. Not thread-safe; allocates only in the constructor. The verdict does not ask it.
/// <code>
///          p ≤ alarmBelow, twice, and all else in order          p ≥ alarmAbove
///   Normal ←──────────────────────────────────────────── Unsure ───────────────→ Abnormal
///          ────────────────────────────────────────────→        ←───────────────
///                        anything else                           p &lt; alarmThreshold
/// </code>
/// </summary>
internal sealed class OpinionHold(ModelManifest manifest, VerdictPolicy policy)
{
    /// <summary>Accepted windows in succession that must speak for normal before it is said.</summary>
    private const int NormalWindows = 2;

    private readonly double[] _probabilities = new double[manifest.Labels.Count];
    private int _normalWindows;

    public LiveOpinion Current { get; private set; }

    /// <summary>Another window was accepted, and is in <paramref name="evidence"/> and <paramref name="heartRate"/> already.</summary>
    public void Hear(Evidence evidence, HeartRateEstimate heartRate)
    {
        policy.Probabilities(evidence.LogitSums, evidence.LogitWindows, _probabilities);
        var alarm = policy.AlarmProbability(_probabilities);
        var calibration = manifest.Calibration;

        // All that the verdict asks for before it is normal; a number that is none is not at or below anything.
        var isNormal = alarm <= calibration.AlarmBelow && !policy.HasFinding(_probabilities) && policy.IsPlausible(heartRate);
        _normalWindows = isNormal ? _normalWindows + 1 : 0;
        if (evidence.GoodSeconds < manifest.Policy.MinGoodSeconds) return;

        Current = alarm >= calibration.AlarmAbove ? LiveOpinion.Abnormal
            : Current == LiveOpinion.Abnormal && alarm >= calibration.AlarmThreshold ? LiveOpinion.Abnormal
            : _normalWindows >= NormalWindows ? LiveOpinion.Normal
            : LiveOpinion.Unsure;
    }

    public void Clear()
    {
        Current = LiveOpinion.None;
        _normalWindows = 0;
    }
}
