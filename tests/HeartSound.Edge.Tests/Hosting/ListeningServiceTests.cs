using HeartSound.Edge.Capture;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Tests.Pipeline;
using HeartSound.Signal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Hosting;

public sealed class ListeningServiceTests
{
    [Fact]
    public void Listen_EndlessSource_GivesAVerdictAnExaminationWhateverTheBlocks()
    {
        var expected = Listen(new BlockSource(Heart(40), 80), TimeSpan.FromSeconds(10));
        Assert.Equal(4, expected.Count); // 0 to 10, to 20, to 30 s and a bit each, and what is left
        Assert.All(expected.Take(3), v => Assert.Equal("normal", v.Verdict));
        Assert.All(expected.Zip(expected.Skip(1)), pair => Assert.Equal(pair.First.Examination.EndSeconds, pair.Second.Examination.StartSeconds));

        foreach (var block in new[] { 1, 997, 4000 })
        {
            var verdicts = Listen(new BlockSource(Heart(40), block), TimeSpan.FromSeconds(10));
            Assert.Equal(expected.Select(Essence), verdicts.Select(Essence));
        }
    }

    [Fact]
    public void Listen_ShortestExamination_IsLongEnoughForAWindow()
    {
        var verdicts = Listen(new BlockSource(Heart(21), 80), TimeSpan.FromSeconds(5));

        Assert.Equal(5, verdicts.Count);
        Assert.All(verdicts.Take(4), v => Assert.Equal(1, v.Quality.Windows));
    }

    [Fact]
    public void Listen_SourceLosesSamples_NoWindowSpansTheGapAndItIsCounted()
    {
        var verdict = Assert.Single(Listen(new BlockSource(Heart(30), 80) { LoseAt = 40000, Lose = 4000 }, null));

        Assert.Equal(1, verdict.Quality.Gaps);
        Assert.Equal(31, verdict.Examination.EndSeconds); // 30 s that were heard and 1 s that was not
        Assert.Equal(9, verdict.Quality.Windows);         // 2 in the 10 s before it, for the resampler holds the end of the third; 7 in the 20 s behind it
    }

    [Fact]
    public void Listen_SourceBreaks_WhatWasHeardIsPublishedAndTheFaultIsTold()
    {
        var verdicts = new List<VerdictMessage>();

        var fault = Assert.Throws<InvalidOperationException>(() => Listen(new BlockSource(Heart(20), 80) { BreakAt = 60000 }, null, verdicts));

        Assert.Equal("unplugged", fault.Message);
        Assert.Equal("normal", Assert.Single(verdicts).Verdict);
    }

    private static object Essence(VerdictMessage v) =>
        (v.Verdict, v.AlarmProbability, v.HeartRateBpm, v.Sequence, v.Examination.StartSeconds, v.Examination.EndSeconds, v.Quality.Score, v.Quality.Windows, v.Quality.GoodSeconds);

    private static float[] Heart(int seconds)
    {
        var samples = new float[seconds * BlockSource.Rate];
        new Simulator(new SimulatorOptions { SampleRateHz = BlockSource.Rate }).Read(samples);
        return samples;
    }

    private static List<VerdictMessage> Listen(BlockSource source, TimeSpan? examination, List<VerdictMessage>? verdicts = null)
    {
        verdicts ??= [];
        using var dispatcher = new VerdictDispatcher([new ListSink(verdicts)], NullLogger<VerdictDispatcher>.Instance);
        var stamp = new VerdictStamp("test", Guid.Empty, new ModelPart("test", "1", ""), "script", TimeProvider.System);
        var service = new ListeningService(Manifests.TwoLabels, new ScriptedClassifier(Manifests.Logits(0.05)), dispatcher, stamp, NullLogger<ListeningService>.Instance);
        try
        {
            service.Listen(source, examination, null, CancellationToken.None);
        }
        finally
        {
            Assert.Equal(0, dispatcher.Complete(TimeSpan.FromSeconds(30)));
        }

        return verdicts;
    }

    private sealed class ListSink(List<VerdictMessage> verdicts) : IVerdictSink
    {
        public string Name => "list";
        public void Publish(VerdictMessage message) => verdicts.Add(message);
        public int Flush(TimeSpan deadline) => 0;

        public void Dispose()
        {
        }
    }

    /// <summary>Samples in blocks of a size, with what can go wrong.</summary>
    private sealed class BlockSource(float[] samples, int block) : ISampleSource
    {
        public const int Rate = 4000;

        public int? LoseAt { get; init; }
        public int Lose { get; init; }
        public int? BreakAt { get; init; }
        public string Name => "blocks";
        public int SampleRateHz => Rate;

        public void Capture(SampleRing ring, CancellationToken stop)
        {
            for (var at = 0; at < samples.Length; at += block)
            {
                if (BreakAt <= at) throw new InvalidOperationException("unplugged");
                if (LoseAt >= at && LoseAt < at + block) ring.MarkGap(Lose);
                var part = samples.AsSpan(at, Math.Min(block, samples.Length - at));
                ring.WaitForSpace(part.Length, Timeout.InfiniteTimeSpan, stop);
                ring.Write(part);
            }
        }

        public void Dispose()
        {
        }
    }
}
