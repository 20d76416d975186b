using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Tests.Pipeline;

/// <summary>What a live device asks of the pipeline beside its verdicts: hints, contact, and to forget.</summary>
public sealed class LivePipelineTests
{
    private const int Rate = 4000;
    private static readonly float[] Normal = Manifests.Logits(0.05);

    [Fact]
    public void HintHeard_FourTimesASecondAndFromOneSecondOn_InEveryStretch()
    {
        var hints = new List<ContactReport>();
        var pipeline = Pipeline(hints);

        pipeline.Listen(Heart(5));
        pipeline.MarkGap(3 * Rate);
        pipeline.Listen(Heart(3));
        pipeline.Conclude();
        pipeline.Listen(Heart(2));

        // The resampler holds back a few milliseconds, so the last of each stretch is still under way.
        Assert.Equal([1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 3.75, 4, 4.25, 4.5, 4.75,
            9, 9.25, 9.5, 9.75, 10, 10.25, 10.5, 10.75, 12, 12.25, 12.5, 12.75], hints.Select(h => h.AtSeconds));
        Assert.All(hints, h => Assert.Equal(ContactHint.Good, h.Hint));
        Assert.Equal([1, 9], hints.Select(h => h.SinceSeconds).Distinct()); // a verdict is no change of the hint, a gap is
    }

    [Fact]
    public void HintHeard_AnyChunking_ComesAtTheSamePlacesAmongTheWindows()
    {
        var samples = Heart(17);
        samples.AsSpan(8 * Rate, 3 * Rate).Clear();
        samples[6 * Rate] = float.NaN;
        List<object> Hear(int chunk)
        {
            var heard = new List<object>();
            var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Normal), Rate) { WindowHeard = (in _, in w) => heard.Add(w), HintHeard = (in h) => heard.Add(h) };
            for (var at = 0; at < samples.Length; at += chunk) pipeline.Listen(samples.AsSpan(at, Math.Min(chunk, samples.Length - at)));
            return heard;
        }

        var expected = Hear(samples.Length);

        Assert.Contains(expected, e => e is ContactReport { Hint: ContactHint.NoSignal });
        Assert.Contains(expected, e => e is WindowResult);
        foreach (var chunk in new[] { 1, 333, 5000 }) Assert.Equal(expected, Hear(chunk));
    }

    [Fact]
    public void HintHeard_SomebodyListens_ChangesNoVerdict()
    {
        var quiet = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Normal), Rate);
        var watched = Pipeline([]);
        foreach (var pipeline in new[] { quiet, watched }) pipeline.Listen(Heart(20));

        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(quiet.Complete(), EdgeJson.Compact), System.Text.Json.JsonSerializer.Serialize(watched.Complete(), EdgeJson.Compact));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    public void HintHeard_ThousandHints_AllocateNothing(double windowSeconds)
    {
        var manifest = Manifests.TwoLabels with { FrontEnd = new FrontEndSpec { WindowSeconds = windowSeconds, WindowHopSeconds = windowSeconds / 2 } };
        var hints = 0;
        var pipeline = new ListeningPipeline(manifest, new ScriptedClassifier(Normal) { Remember = false }, Rate) { HintHeard = (in _) => hints++, WindowHeard = (in _, in _) => { } };
        var samples = Heart(30);

        Assert.Equal(0, Allocation.Of(() =>
        {
            var until = hints + 1000;
            for (var i = 0; hints < until; i = (i + 1000) % samples.Length) pipeline.Listen(samples.AsSpan(i, 1000));
        }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(333)]
    [InlineData(100_000)]
    public void WaitsForContact_NothingThenHeart_EvidenceStartsWithContactWhateverTheChunks(int chunk)
    {
        var windows = new List<WindowResult>();
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Normal), Rate) { FollowsContact = true, WaitsForContact = true, WindowHeard = (in _, in w) => windows.Add(w) };
        float[] samples = [.. new float[12 * Rate], .. Heart(12)];
        for (var at = 0; at < samples.Length; at += chunk) pipeline.Listen(samples.AsSpan(at, Math.Min(chunk, samples.Length - at)));

        Assert.False(pipeline.WaitsForContact);
        Assert.True(pipeline.HasEvidence);
        Assert.Equal(13.528, windows[0].StartSeconds, 4);
        Assert.Equal(13.528, pipeline.Conclude().StartSeconds, 4);
    }

    [Fact]
    public void FollowsContact_LiftedAndPutDown_NoWindowHoldsBoth()
    {
        var windows = new List<WindowResult>();
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Normal), Rate) { FollowsContact = true, WindowHeard = (in _, in w) => windows.Add(w) };
        pipeline.Listen([.. Heart(11), .. new float[5 * Rate], .. Heart(11)]);

        var afterwards = windows.Where(w => w.EndSeconds > 18).ToList();
        Assert.NotEmpty(afterwards);
        Assert.All(afterwards, w => Assert.True(w.StartSeconds > 16));
        Assert.All(afterwards, w => Assert.True(w.Quality.Accepted));
    }

    /// <summary>The person before and the person after share no window.</summary>
    [Fact]
    public void Discard_NextWindow_HoldsNothingFromBefore()
    {
        var windows = new List<WindowResult>();
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Normal), Rate) { WindowHeard = (in _, in w) => windows.Add(w) };
        pipeline.Listen(Heart(13));
        windows.Clear();
        pipeline.Discard();
        pipeline.Listen(Heart(13));

        Assert.Equal(13, windows[0].StartSeconds);
    }

    private static ListeningPipeline Pipeline(List<ContactReport> hints) =>
        new(Manifests.TwoLabels, new ScriptedClassifier(Normal), Rate) { HintHeard = (in h) => hints.Add(h) };

    private static float[] Heart(double seconds)
    {
        var samples = new float[(int)(seconds * Rate)];
        new Simulator(new SimulatorOptions { SampleRateHz = Rate }).Read(samples);
        return samples;
    }
}
