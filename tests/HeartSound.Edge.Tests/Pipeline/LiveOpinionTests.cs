using HeartSound.Edge.Inference;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Tests.Pipeline;

/// <summary>The manifests abstain between 0.4 and 0.6; their threshold is 0.5. Evidence is a mean, so a script of the same value keeps it there.</summary>
public sealed class LiveOpinionTests
{
    [Fact]
    public void Opinion_OneNormalWindow_IsNotYetNormal() =>
        Assert.Equal([LiveOpinion.Unsure, LiveOpinion.Normal, LiveOpinion.Normal], Opinions(0.1, 0.1, 0.1));

    [Fact]
    public void Opinion_AbnormalWindow_TakesEffectAtOnce() =>
        Assert.Equal([LiveOpinion.Abnormal, LiveOpinion.Abnormal], Opinions(0.9, 0.9));

    /// <summary>The mean rises above alarmBelow with the fourth window.</summary>
    [Fact]
    public void Opinion_NoLongerBelowTheBand_LeavesNormalAtOnce()
    {
        var opinions = Opinions(0.3, 0.3, 0.3, 0.9);

        Assert.Equal([LiveOpinion.Unsure, LiveOpinion.Normal, LiveOpinion.Normal, LiveOpinion.Unsure], opinions);
    }

    [Fact]
    public void Opinion_NormalThenLoudlyAbnormal_IsAbnormalAtOnce() =>
        Assert.Equal([LiveOpinion.Unsure, LiveOpinion.Normal, LiveOpinion.Abnormal], Opinions(0.3, 0.3, 0.999));

    /// <summary>0.7; the mean with 0.37 is 0.54, above the threshold; with another 0.37 it is 0.48.</summary>
    [Fact]
    public void Opinion_Abnormal_IsHeldDownToTheThreshold() =>
        Assert.Equal([LiveOpinion.Abnormal, LiveOpinion.Abnormal, LiveOpinion.Unsure], Opinions(0.7, 0.37, 0.37));

    [Fact]
    public void Opinion_BandEnteredFromBelow_IsUnsureThoughAboveTheThreshold() =>
        Assert.Equal([LiveOpinion.Unsure, LiveOpinion.Unsure], Opinions(0.55, 0.55));

    [Fact]
    public void Opinion_AbnormalThenNormal_PassesUnsure() =>
        Assert.Equal([LiveOpinion.Abnormal, LiveOpinion.Unsure, LiveOpinion.Normal], Opinions(0.7, 0.01, 0.01));

    [Fact]
    public void Opinion_TooFewGoodSeconds_IsNone()
    {
        var manifest = Manifests.TwoLabels with { Policy = new VerdictRules { MinGoodSeconds = 9 } };

        Assert.Equal([LiveOpinion.None, LiveOpinion.None, LiveOpinion.Normal], Opinions(manifest, [.. Enumerable.Repeat(Manifests.Logits(0.01), 3)]));
    }

    /// <summary>The fast heart of this manifest is one that nobody has.</summary>
    [Fact]
    public void Opinion_ImplausibleRate_IsNeverNormal()
    {
        var manifest = Manifests.TwoLabels with { Policy = new VerdictRules { MinHeartRateBpm = 100 } };

        Assert.All(Opinions(manifest, [.. Enumerable.Repeat(Manifests.Logits(0.01), 5)]), o => Assert.Equal(LiveOpinion.Unsure, o));
    }

    /// <summary>MR is a finding from 0.3 up, below alarmBelow.</summary>
    [Fact]
    public void Opinion_FindingBelowTheBand_IsNotNormal()
    {
        Assert.All(Opinions(Manifests.Findings, [.. Enumerable.Repeat(Manifests.Sigmoid(0.1, 0.35, 0.1), 4)]), o => Assert.Equal(LiveOpinion.Unsure, o));
        Assert.Equal(LiveOpinion.Normal, Opinions(Manifests.Findings, [.. Enumerable.Repeat(Manifests.Sigmoid(0.1, 0.25, 0.9), 4)])[^1]);
    }

    [Fact]
    public void Opinion_NetworkGivesNoNumber_IsNotNormal() =>
        Assert.DoesNotContain(LiveOpinion.Normal, Opinions(Manifests.TwoLabels, [[0, -3], [0, -3], [0, float.NaN], [0, -3], [0, -3]])[2..]);

    [Fact]
    public void Opinion_RejectedWindow_ChangesNothing()
    {
        var samples = Heart(25);
        samples.AsSpan(14 * 2000).Clear();
        var windows = Hear(Manifests.TwoLabels, new ScriptedClassifier(w => Manifests.Logits(w < 4 ? 0.05 : 0.99)), p => p.Listen(samples));

        Assert.Contains(windows, w => !w.Quality.Accepted);
        Assert.All(windows.Where(w => !w.Quality.Accepted), w => Assert.Equal(LiveOpinion.Normal, w.Opinion));
    }

    [Fact]
    public void Opinion_AfterAVerdictOrADiscard_StartsAnew()
    {
        foreach (var end in new Action<ListeningPipeline>[] { p => p.Conclude(), p => p.Discard() })
        {
            var samples = Heart(40);
            var atEnd = 0;
            var windows = new List<WindowResult>();
            var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Manifests.Logits(0.05)), 2000) { WindowHeard = (in _, in w) => windows.Add(w) };
            pipeline.Listen(samples.AsSpan(0, 40000));
            atEnd = windows.Count;
            end(pipeline);
            pipeline.Listen(samples.AsSpan(40000));

            Assert.Equal(LiveOpinion.Normal, windows[atEnd - 1].Opinion);
            Assert.Equal([LiveOpinion.Unsure, LiveOpinion.Normal], windows[atEnd..(atEnd + 2)].Select(w => w.Opinion));
        }
    }

    private static List<LiveOpinion> Opinions(params double[] alarms) => Opinions(Manifests.TwoLabels, [.. alarms.Select(Manifests.Logits)]);

    private static List<LiveOpinion> Opinions(ModelManifest manifest, float[][] script)
    {
        var samples = Heart(5 + 2.5 * (script.Length - 1));
        var windows = Hear(manifest, new ScriptedClassifier(w => script[w]), p => p.Listen(samples));
        Assert.Equal(script.Length, windows.Count);
        Assert.All(windows, w => Assert.True(w.Quality.Accepted));
        return [.. windows.Select(w => w.Opinion)];
    }

    private static List<WindowResult> Hear(ModelManifest manifest, ScriptedClassifier classifier, Action<ListeningPipeline> listen)
    {
        var windows = new List<WindowResult>();
        listen(new ListeningPipeline(manifest, classifier, 2000) { WindowHeard = (in _, in w) => windows.Add(w) });
        return windows;
    }

    private static float[] Heart(double seconds)
    {
        var samples = new float[(int)(seconds * 2000)];
        new Simulator(new SimulatorOptions { SampleRateHz = 2000 }).Read(samples);
        return samples;
    }
}
