using HeartSound.Edge.Inference;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Tests.Pipeline;

public sealed class ListeningPipelineTests
{
    private static readonly float[] Normal = Manifests.Logits(0.05);
    private static readonly float[] Abnormal = Manifests.Logits(0.95);

    [Fact]
    public void Complete_CleanHeart_GivesTheNetworksAnswer()
    {
        foreach (var (logits, answer, alarm) in new[] { (Normal, "normal", false), (Abnormal, "abnormal", true) })
        {
            var verdict = Hear(Heart(20), new ScriptedClassifier(logits));

            Assert.Equal(answer, verdict.Answer);
            Assert.Equal(alarm, verdict.Alarm);
            Assert.Null(verdict.Reason);
            Assert.Equal(0.95, verdict.Confidence!.Value, 1e-6);
            Assert.InRange(verdict.HeartRateBpm!.Value, 70, 74);
            Assert.Equal(verdict.Quality.Windows, verdict.Quality.AcceptedWindows);
        }
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(4000)]
    [InlineData(16000)]
    [InlineData(44100)]
    public void Listen_AnyChunking_GivesTheSameBits(int sampleRateHz)
    {
        var samples = Heart(23, sampleRateHz);
        Array.Fill(samples, float.NaN, 9 * sampleRateHz, 37); // a gap on the way
        var whole = new ScriptedClassifier(Normal);
        var expected = Hear(samples, whole, sampleRateHz);
        Assert.True(whole.Heard.Count >= 6);

        foreach (var seed in new[] { 1, 2, 3 })
        {
            var random = new Random(seed);
            var pieces = new ScriptedClassifier(Normal);
            var pipeline = new ListeningPipeline(Manifests.TwoLabels, pieces, sampleRateHz);
            for (var at = 0; at < samples.Length;)
            {
                var length = Math.Min(random.Next(4) switch { 0 => 1, 1 => random.Next(1, 40), 2 => random.Next(1, 3000), _ => random.Next(1, 40000) }, samples.Length - at);
                pipeline.Listen(samples.AsSpan(at, length));
                at += length;
            }

            var verdict = pipeline.Complete();

            Assert.Equal(whole.Heard.Count, pieces.Heard.Count);
            for (var w = 0; w < whole.Heard.Count; w++) Assert.Equal(whole.Heard[w].Select(BitConverter.SingleToInt32Bits), pieces.Heard[w].Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(Json(expected), Json(verdict));
        }
    }

    [Fact]
    public void Complete_SecondRecordingInTheSamePipeline_GivesWhatAFreshOneGives()
    {
        var first = Heart(17);
        var second = Heart(21, seed: 7);
        var fresh = Hear(second, new ScriptedClassifier(Normal));
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Normal), 2000);
        pipeline.Listen(first);
        pipeline.Complete();

        pipeline.Listen(second);

        Assert.Equal(Json(fresh), Json(pipeline.Complete()));
    }

    [Fact]
    public void Complete_SilenceWhateverTheNetworkSays_IsNeverNormal()
    {
        var noise = new Random(1);
        foreach (var (samples, reason) in new[]
        {
            (new float[60000], InconclusiveReason.NoSignal),
            (Enumerable.Repeat(0.25f, 60000).ToArray(), InconclusiveReason.NoSignal),
            (Enumerable.Range(0, 60000).Select(_ => (float)(1e-4 * (noise.NextDouble() - 0.5))).ToArray(), (InconclusiveReason?)null),
            (Enumerable.Range(0, 60000).Select(_ => (float)(noise.NextDouble() - 0.5)).ToArray(), (InconclusiveReason?)null),
            (Enumerable.Range(0, 60000).Select(i => (float)Math.Sin(i * 0.1) * 0.5f).ToArray(), (InconclusiveReason?)null),
        })
        {
            var verdict = Hear(samples, new ScriptedClassifier(Normal));

            Assert.Equal(Verdict.Inconclusive, verdict.Answer);
            Assert.Null(verdict.Alarm);
            Assert.NotNull(verdict.Reason);
            if (reason is not null) Assert.Equal(reason, verdict.Reason);
        }
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(3)]
    public void Complete_OtherGain_GivesTheSameFeaturesAndAnswer(double gain)
    {
        var plain = new ScriptedClassifier(Normal);
        var louder = new ScriptedClassifier(Normal);
        var samples = Heart(20);

        var expected = Hear(samples, plain);
        var verdict = Hear(samples.Select(s => (float)(s * gain)).ToArray(), louder);

        Assert.Equal(expected.Answer, verdict.Answer);
        Assert.Equal(expected.Quality.AcceptedWindows, verdict.Quality.AcceptedWindows);
        for (var w = 0; w < plain.Heard.Count; w++)
        {
            // In the bands above the band-pass quiet moments touch the log floor; nowhere else does gain leave a trace.
            var difference = plain.Heard[w].Zip(louder.Heard[w], (a, b) => Math.Abs(a - b)).ToList();
            Assert.InRange(difference.Average(), 0, 5e-3);
            Assert.InRange(difference.Take(56 * difference.Count / 64).Max(), 0, 1e-3);
        }
    }

    [Fact]
    public void Complete_TooShort_SaysSo()
    {
        foreach (var seconds in new[] { 0.0, 0.001, 1, 4.9 })
        {
            var verdict = Hear(Heart(seconds), new ScriptedClassifier(Normal));

            Assert.Equal(Verdict.Inconclusive, verdict.Answer);
            Assert.Equal(InconclusiveReason.TooShort, verdict.Reason);
            Assert.Contains("At least 5 s of good sound are needed.", verdict.Advice, StringComparison.Ordinal);
            Assert.Empty(verdict.Probabilities);
            Assert.Equal(0, verdict.Quality.Windows);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Listen_DamagedSamples_AreCountedAndPoisonNothing(float damage)
    {
        var samples = Heart(40);
        for (var i = 12000; i < 12100; i++) samples[i] = damage;
        var classifier = new ScriptedClassifier(Normal);

        var verdict = Hear(samples, classifier);

        Assert.Equal("normal", verdict.Answer);
        Assert.Equal(100, verdict.Quality.FaultySamples);
        Assert.Equal(1, verdict.Quality.Gaps);
        Assert.All(classifier.Heard, window => Assert.All(window, value => Assert.True(float.IsFinite(value))));
    }

    [Fact]
    public void Listen_DamagedEverySecond_IsInterruptedNotNormal()
    {
        var samples = Heart(40);
        for (var i = 0; i < samples.Length; i += 2000) samples[i] = float.NaN;

        var verdict = Hear(samples, new ScriptedClassifier(Normal));

        Assert.Equal(InconclusiveReason.Interrupted, verdict.Reason);
        Assert.Equal(40, verdict.Quality.FaultySamples);
    }

    [Fact]
    public void MarkGap_NoWindowSpansIt()
    {
        var windows = new List<WindowResult>();
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Normal), 2000) { WindowHeard = (in _, in w) => windows.Add(w) };
        var samples = Heart(40);

        pipeline.Listen(samples.AsSpan(0, 25000)); // 12.5 s
        pipeline.MarkGap(3000);                    // 1.5 s are missing
        pipeline.Listen(samples.AsSpan(25000));
        var verdict = pipeline.Complete();

        Assert.All(windows, w => Assert.True(w.EndSeconds <= 12.5 || w.StartSeconds >= 14));
        Assert.Contains(windows, w => w.StartSeconds == 14);
        Assert.Equal(1, verdict.Quality.Gaps);
        Assert.Equal(41.5, verdict.EndSeconds);
    }

    [Fact]
    public void Conclude_WhileTheStreamGoesOn_StartsANewExamination()
    {
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(w => w < 4 ? Normal : Abnormal), 2000);
        var samples = Heart(40);

        pipeline.Listen(samples.AsSpan(0, 25000)); // windows 0 to 3
        var first = pipeline.Conclude();
        pipeline.Listen(samples.AsSpan(25000));
        var second = pipeline.Complete();

        Assert.Equal("normal", first.Answer);
        Assert.Equal("abnormal", second.Answer);
        Assert.Equal(first.EndSeconds, second.StartSeconds);
    }

    /// <summary>A window of 1 s shows no beat's time; those that follow one another do.</summary>
    [Theory]
    [InlineData(1, 45)]
    [InlineData(1, 72)]
    [InlineData(1.5, 72)]
    [InlineData(2, 150)]
    public void Complete_ShortWindows_FindTheRateTogether(double windowSeconds, double bpm)
    {
        var manifest = Manifests.TwoLabels with
        {
            FrontEnd = new FrontEndSpec { WindowSeconds = windowSeconds, WindowHopSeconds = windowSeconds / 2 },
            Policy = new VerdictRules { MinGoodSeconds = windowSeconds },
        };
        var samples = new float[20000];
        new Simulator(new SimulatorOptions { SampleRateHz = 2000, HeartRateBpm = bpm, Seed = 3 }).Read(samples);
        var pipeline = new ListeningPipeline(manifest, new ScriptedClassifier(Normal), 2000);

        pipeline.Listen(samples);
        var verdict = pipeline.Complete();

        Assert.InRange(verdict.HeartRateBpm!.Value, 0.95 * bpm, 1.05 * bpm);
        Assert.Equal("normal", verdict.Answer);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    public void Listen_ThousandWindows_AllocatesNothing(double windowSeconds)
    {
        var manifest = Manifests.TwoLabels with { FrontEnd = new FrontEndSpec { WindowSeconds = windowSeconds, WindowHopSeconds = windowSeconds / 2 } };
        var pipeline = new ListeningPipeline(manifest, new ScriptedClassifier(Normal) { Remember = false }, 4000);
        var windows = 0;
        pipeline.WindowHeard = (in _, in _) => windows++;
        var samples = Heart(30, 4000);

        Assert.Equal(0, Allocation.Of(() =>
        {
            var until = windows + 1000;
            for (var i = 0; windows < until; i = (i + 1000) % samples.Length) pipeline.Listen(samples.AsSpan(i, 1000));
        }));
    }

    private static Verdict Hear(float[] samples, ScriptedClassifier classifier, int sampleRateHz = 2000)
    {
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, classifier, sampleRateHz);
        pipeline.Listen(samples);
        return pipeline.Complete();
    }

    private static float[] Heart(double seconds, int sampleRateHz = 2000, ulong seed = 1)
    {
        var samples = new float[(int)(seconds * sampleRateHz)];
        new Simulator(new SimulatorOptions { SampleRateHz = sampleRateHz, Seed = seed }).Read(samples);
        return samples;
    }

    private static string Json(Verdict verdict) => System.Text.Json.JsonSerializer.Serialize(verdict, EdgeJson.Compact);
}
