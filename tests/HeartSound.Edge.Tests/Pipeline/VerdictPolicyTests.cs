using HeartSound.Edge.Inference;
using HeartSound.Edge.Pipeline;
using HeartSound.Native.OnnxRuntime;
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
    public void Decide_SeveralLabels_AddsUpTheAlarmsAndNamesTheLikeliestOfThem()
    {
        var verdict = Decide(Manifests.FiveLabels, [(Good, Manifests.Softmax(0.35, 0.30, 0.33, 0.01, 0.01))]);

        Assert.Equal("MR", verdict.Answer); // N alone is likelier, and yet something is wrong with probability 0.65
        Assert.Equal(["MR"], verdict.Findings!);
        Assert.Equal(0.65, verdict.AlarmProbability!.Value, 1e-6);
        Assert.Equal("N", verdict.Label); // for figures: the likeliest of all
    }

    [Theory]
    [InlineData(0.96, "N", false)]
    [InlineData(0.5, Verdict.Inconclusive, null)]
    [InlineData(0.04, "AS", true)]
    public void Decide_SeveralLabels_KnowsTheThreeAnswers(double normal, string answer, bool? alarm)
    {
        var rest = (1 - normal) / 4;

        var verdict = Decide(Manifests.FiveLabels, [(Good, Manifests.Softmax(normal, 1 - normal - 2.7 * rest, 0.9 * rest, 0.9 * rest, 0.9 * rest))]);

        Assert.Equal(answer, verdict.Answer);
        Assert.Equal(alarm, verdict.Alarm);
        Assert.Equal(alarm switch { true => ["AS"], false => [], null => null }, verdict.Findings);
    }

    [Theory]
    [InlineData(0.9, 0.7, 0.1, "AS+MR", true)]
    [InlineData(0.1, 0.7, 0.1, "MR", true)]
    [InlineData(0.1, 0.2, 0.1, "normal", false)]
    [InlineData(0.1, 0.2, 0.8, "innocent", false)]
    [InlineData(0.9, 0.2, 0.8, "AS+innocent", true)]
    [InlineData(0.45, 0.2, 0.1, Verdict.Inconclusive, null)] // in the band
    [InlineData(0.1, 0.35, 0.1, Verdict.Inconclusive, null)] // below the band, and yet found: never "normal"
    public void Decide_Findings_NamesAllThatReachTheirThresholds(double stenosis, double regurgitation, double innocent, string answer, bool? alarm)
    {
        var verdict = Decide(Manifests.Findings, [(Good, Manifests.Sigmoid(stenosis, regurgitation, innocent))]);

        Assert.Equal(answer, verdict.Answer);
        Assert.Equal(alarm, verdict.Alarm);
        Assert.Equal(alarm is null ? null : answer == "normal" ? [] : answer.Split('+'), verdict.Findings);
        Assert.Equal(Math.Max(stenosis, regurgitation), verdict.AlarmProbability!.Value, 1e-6); // the largest alarm, and no harmless one
        Assert.Equal([stenosis, regurgitation, innocent], verdict.Probabilities.Values, (a, b) => Math.Abs(a - b) < 1e-6);
        if (alarm is null) Assert.Equal(InconclusiveReason.Uncertain, verdict.Reason);
        else Assert.Equal(alarm == true ? verdict.AlarmProbability : 1 - verdict.AlarmProbability, verdict.Confidence);
    }

    [Fact]
    public void Decide_FindingsForced_AreThoseThatReachTheirThresholds()
    {
        var noisy = new QualityReport { Reason = QualityReason.Noise };

        Assert.Equal("MR", Decide(Manifests.Findings, [(noisy, Manifests.Sigmoid(0.49, 0.31, 0.1))]).Label);
        Assert.Equal("normal", Decide(Manifests.Findings, [(noisy, Manifests.Sigmoid(0.49, 0.29, 0.1))]).Label);
    }

    [Fact]
    public void Decide_FindingsWithTemperature_DividesTheLogits()
    {
        var manifest = Manifests.Findings with { Calibration = Manifests.Findings.Calibration with { Temperature = 2 } };

        var verdict = Decide(manifest, [(Good, [4, -4, 0])]);

        Assert.Equal(1 / (1 + Math.Exp(-2)), verdict.Probabilities["AS"], 1e-9);
        Assert.Equal(0.5, verdict.Probabilities["innocent"], 1e-9);
    }

    [Theory]
    [InlineData(InconclusiveReason.TooShort, 1)]
    [InlineData(InconclusiveReason.NoHeartbeat, 5)]
    public void Decide_NoRateInLittleSound_IsTooShortRatherThanNoHeartbeat(InconclusiveReason reason, int windows)
    {
        var manifest = Manifests.TwoLabels with { Policy = new VerdictRules { MinGoodSeconds = 1 }, FrontEnd = new FrontEndSpec { WindowSeconds = 1, WindowHopSeconds = 1 } };

        var verdict = Decide(manifest, [.. Enumerable.Repeat((Good, Manifests.Logits(0.01)), windows)], bpm: null, windowSeconds: 1);

        Assert.Equal(reason, verdict.Reason);
        if (reason == InconclusiveReason.TooShort) Assert.Contains("3 s of good sound", verdict.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.24, "inconclusive")]
    [InlineData(0.26, "normal")]
    public void Decide_ShortWindowsAndABeatThatHardlyRepeats_IsNoHeartbeat(double strength, string answer)
    {
        var manifest = Manifests.TwoLabels with { FrontEnd = new FrontEndSpec { WindowSeconds = 2, WindowHopSeconds = 1 } };
        var windows = Enumerable.Repeat((Good, Manifests.Logits(0.01)), 5).ToArray();

        var verdict = Decide(manifest, windows, strength: strength, windowSeconds: 2);

        Assert.Equal(answer, verdict.Answer);
        Assert.Equal(answer == "normal" ? null : InconclusiveReason.NoHeartbeat, verdict.Reason);
        Assert.Equal("normal", Decide(Manifests.TwoLabels, windows, strength: strength).Answer); // long windows were asked themselves
    }

    [Fact]
    public void Decide_NothingHeard_SaysHowMuchIsNeeded()
    {
        var verdict = Decide(Manifests.TwoLabels with { Policy = new VerdictRules { MinGoodSeconds = 7.5 } }, []);

        Assert.Equal(InconclusiveReason.TooShort, verdict.Reason);
        Assert.Contains("At least 7.5 s of good sound", verdict.Advice, StringComparison.Ordinal);
        Assert.Null(verdict.Label);
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

    private static Verdict Decide(ModelManifest manifest, (QualityReport Quality, float[] Logits)[] windows, double? bpm = 72, double strength = 0.8, double windowSeconds = 5)
    {
        var evidence = new Evidence(manifest.Labels.Count);
        for (var w = 0; w < windows.Length; w++) evidence.Add(w * windowSeconds / 2, w * windowSeconds / 2 + windowSeconds, windows[w].Quality, windows[w].Logits, OnnxProvider.Cpu);
        var quality = new VerdictQuality
        {
            Windows = evidence.Windows,
            AcceptedWindows = evidence.AcceptedWindows,
            GoodSeconds = evidence.GoodSeconds,
            Rejected = Enum.GetValues<QualityReason>().Where(r => r != QualityReason.Good && evidence.Count(r) > 0).ToDictionary(r => r, evidence.Count),
        };
        return new VerdictPolicy(manifest).Decide(evidence, new HeartRateEstimate(bpm, strength), quality, 0, 30);
    }
}
