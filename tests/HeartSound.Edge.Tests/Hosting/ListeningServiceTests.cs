using HeartSound.Edge.Hosting;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Tests.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Hosting;

public sealed class ListeningServiceTests
{
    [Fact]
    public void Listen_EndlessSource_GivesAVerdictAnExaminationWhateverTheBlocks()
    {
        var expected = Listen(new BlockSource(Listening.Heart(40), 80), TimeSpan.FromSeconds(10));
        Assert.Equal(4, expected.Count); // 0 to 10, to 20, to 30 s and a bit each, and what is left
        Assert.All(expected.Take(3), v => Assert.Equal("normal", v.Verdict));
        Assert.All(expected.Zip(expected.Skip(1)), pair => Assert.Equal(pair.First.Examination.EndSeconds, pair.Second.Examination.StartSeconds));

        foreach (var block in new[] { 1, 997, 4000 })
        {
            var verdicts = Listen(new BlockSource(Listening.Heart(40), block), TimeSpan.FromSeconds(10));
            Assert.Equal(expected.Select(Essence), verdicts.Select(Essence));
        }
    }

    [Fact]
    public void Listen_ShortestExamination_IsLongEnoughForAWindow()
    {
        var verdicts = Listen(new BlockSource(Listening.Heart(21), 80), TimeSpan.FromSeconds(5));

        Assert.Equal(4, verdicts.Count); // what is left after them is too short for a window, and no verdict
        Assert.All(verdicts, v => Assert.Equal(1, v.Quality.Windows));
    }

    [Fact]
    public void Listen_SourceLosesSamples_NoWindowSpansTheGapAndItIsCounted()
    {
        var verdict = Assert.Single(Listen(new BlockSource(Listening.Heart(30), 80) { LoseAt = 40000, Lose = 4000 }, null));

        Assert.Equal(1, verdict.Quality.Gaps);
        Assert.Equal(31, verdict.Examination.EndSeconds); // 30 s that were heard and 1 s that was not
        Assert.Equal(9, verdict.Quality.Windows);         // 2 in the 10 s before it, for the resampler holds the end of the third; 7 in the 20 s behind it
    }

    [Fact]
    public void Listen_SourceBreaks_WhatWasHeardIsPublishedAndTheFaultIsTold()
    {
        var verdicts = new List<VerdictMessage>();

        var fault = Assert.Throws<InvalidOperationException>(() => Listen(new BlockSource(Listening.Heart(20), 80) { BreakAt = 60000 }, null, verdicts));

        Assert.Equal("unplugged", fault.Message);
        Assert.Equal("normal", Assert.Single(verdicts).Verdict);
    }

    [Fact]
    public void Listen_WindowThatTakesLong_IsNoSilence()
    {
        var activity = new DeviceActivity(TimeProvider.System);
        var shown = new List<double?>();
        using var slow = new ScriptedClassifier(window =>
        {
            shown.Add(activity.Live.HeartRateBpm);
            if (window == 1) Thread.Sleep(1200);
            return Manifests.Logits(0.05);
        });
        var examinations = new Examinations(new ExaminationOptions { Start = ExaminationStart.Always, Seconds = 15, AbandonAfterSeconds = 1 });
        var verdicts = new List<VerdictMessage>();
        using var dispatcher = new VerdictDispatcher([new ListSink(verdicts)], NullLogger<VerdictDispatcher>.Instance);

        Listening.Service(dispatcher, activity, slow).Listen(new BlockSource(Listening.Heart(15), 80), examinations, null, CancellationToken.None);
        dispatcher.Complete(TimeSpan.FromSeconds(30));

        Assert.Equal(5, Assert.Single(verdicts).Quality.Windows);
        Assert.Null(shown[0]);
        Assert.All(shown.Skip(1), rate => Assert.NotNull(rate));
    }

    private static object Essence(VerdictMessage v) =>
        (v.Verdict, v.AlarmProbability, v.HeartRateBpm, v.Sequence, v.Examination.StartSeconds, v.Examination.EndSeconds, v.Quality.Score, v.Quality.Windows, v.Quality.GoodSeconds);

    private static List<VerdictMessage> Listen(BlockSource source, TimeSpan? examination, List<VerdictMessage>? verdicts = null)
    {
        var examinations = examination is { } length
            ? new Examinations(new ExaminationOptions { Start = ExaminationStart.Always, Seconds = length.TotalSeconds })
            : Examinations.OfWholeSource();
        return Listening.To(source, examinations, verdicts: verdicts);
    }
}
