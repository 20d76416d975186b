using HeartSound.Edge.Inference;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Tests.Pipeline;

public sealed class VerdictPolicyTests
{
    private static readonly QualityReport Good = new() { Reason = QualityReason.Good, Score = 0.9 };

    [Theory]
    [InlineData(0.05, "normal")]
    [InlineData(0.39, "normal")]
    [InlineData(0.41, Verdict.Inconclusive)]
    [InlineData(0.59, Verdict.Inconclusive)]
    [InlineData(0.61, "abnormal")]
    [InlineData(0.95, "abnormal")]
    public void Decide_AlarmProbability_FallsIntoTheManifestsBands(double alarm, string answer)
    {
        var verdict = Decide(Manifests.TwoLabels, [(Good, Manifests.Logits(alarm))]);

        Assert.Equal(answer, verdict.Answer);
        Assert.Equal(alarm, verdict.AlarmProbability!.Value, 1e-6);
        Assert.Equal(answer == Verdict.Inconclusive ? InconclusiveReason.Uncertain : null, verdict.Reason);
        Assert.Equal(alarm >= 0.5 ? "abnormal" : "normal", verdict.Label);
    }

    [Fact]
    public void Decide_RejectedWindows_DoNotCount()
    {
        var noisy = new QualityReport { Reason = QualityReason.Noise };

        var verdict = Decide(Manifests.TwoLabels, [(Good, Manifests.Logits(0.9)), (noisy, Manifests.Logits(0.0001)), (noisy, Manifests.Logits(0.0001))]);

        Assert.Equal("abnormal", verdict.Answer);
        Assert.Equal(0.9, verdict.AlarmProbability!.Value, 1e-6);
        Assert.Equal(2, verdict.Quality.Rejected[QualityReason.Noise]);
    }

    [Fact]
    public void Decide_NothingAccepted_GivesTheReasonMostWindowsHad()
    {
        var noisy = new QualityReport { Reason = QualityReason.Noise };
        var clipped = new QualityReport { Reason = QualityReason.Clipped };

        var verdict = Decide(Manifests.TwoLabels, [(noisy, Manifests.Logits(0.01)), (clipped, Manifests.Logits(0.01)), (clipped, Manifests.Logits(0.01))]);

        Assert.Equal(Verdict.Inconclusive, verdict.Answer);
        Assert.Equal(InconclusiveReason.Clipped, verdict.Reason);
        Assert.Equal("normal", verdict.Label); // for figures only; the answer stays inconclusive
    }

    [Theory]
    [InlineData(null)]
    [InlineData(34.0)]
    [InlineData(201.0)]
    public void Decide_NoPlausibleHeartRate_IsInconclusive(double? bpm)
    {
        var verdict = Decide(Manifests.TwoLabels, [(Good, Manifests.Logits(0.01))], bpm);

        Assert.Equal(InconclusiveReason.NoHeartbeat, verdict.Reason);
    }

    [Fact]
    public void Decide_TooFewGoodSeconds_CountsEachSecondOnce()
    {
        var manifest = Manifests.TwoLabels with { Policy = new VerdictRules { MinGoodSeconds = 8 } };
        var window = (Good, Manifests.Logits(0.01));

        Assert.Equal(InconclusiveReason.TooShort, Decide(manifest, [window, window]).Reason); // 0 to 7.5 s
        Assert.Equal("normal", Decide(manifest, [window, window, window]).Answer);            // 0 to 10 s
    }

    [Fact]
    public void Decide_SeveralLabels_AddsUpTheAlarmsAndNamesTheLikeliest()
    {
        var manifest = Manifests.TwoLabels with { Labels = ["N", "AS", "MR"], AlarmLabels = ["AS", "MR"] };

        var verdict = Decide(manifest, [(Good, [MathF.Log(0.35f), MathF.Log(0.30f), MathF.Log(0.35f)])]);

        Assert.Equal("MR", verdict.Answer); // N alone is as likely, and yet something is wrong with probability 0.65
        Assert.Equal(0.65, verdict.AlarmProbability!.Value, 1e-6);
    }

    [Fact]
    public void Decide_NetworkGivesNoNumber_IsAFaultNotAVerdict() =>
        Assert.Throws<ModelException>(() => Decide(Manifests.TwoLabels, [(Good, [float.NaN, 1])]));

    [Fact]
    public void Advice_EveryReason_HasWords()
    {
        foreach (var reason in Enum.GetValues<InconclusiveReason>()) Assert.EndsWith(".", reason.Advice(), StringComparison.Ordinal);
        foreach (var quality in Enum.GetValues<QualityReason>().Where(q => q != QualityReason.Good)) InconclusiveReasons.From(quality);
    }

    private static Verdict Decide(ModelManifest manifest, (QualityReport Quality, float[] Logits)[] windows, double? bpm = 72)
    {
        var evidence = new Evidence(manifest.Labels.Count);
        for (var w = 0; w < windows.Length; w++) evidence.Add(w * 2.5, w * 2.5 + 5, windows[w].Quality, windows[w].Logits);
        var quality = new VerdictQuality
        {
            Windows = evidence.Windows,
            AcceptedWindows = evidence.AcceptedWindows,
            GoodSeconds = evidence.GoodSeconds,
            Rejected = Enum.GetValues<QualityReason>().Where(r => r != QualityReason.Good && evidence.Count(r) > 0).ToDictionary(r => r, evidence.Count),
        };
        return new VerdictPolicy(manifest).Decide(evidence, bpm, quality, 0, 30);
    }
}
