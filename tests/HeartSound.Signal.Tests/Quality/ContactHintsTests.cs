namespace HeartSound.Signal.Tests.Quality;

public sealed class ContactHintsTests
{
    private const int Rate = 4000;

    [Theory]
    [InlineData(60)]
    [InlineData(72)]
    [InlineData(110)]
    public void Judge_CleanHeart_IsGoodFromTheFirstSecondOn(double bpm)
    {
        var hints = Listen(Heart(20, new SimulatorOptions { HeartRateBpm = bpm }));

        Assert.Equal(1, hints[0].AtSeconds);
        Assert.Equal(77, hints.Count); // one at 1 s, and four a second
        Assert.All(hints, h => Assert.Equal(ContactHint.Good, h.Hint));
        Assert.All(hints, h => Assert.Equal(1, h.SinceSeconds));
        Assert.All(hints, h => Assert.InRange(h.LevelDb, -32, -15));
    }

    public static TheoryData<string, ContactHint> Troubles() => new()
    {
        { "silence", ContactHint.NoSignal },
        { "one value", ContactHint.NoSignal },
        { "last bit", ContactHint.NoSignal },
        { "stuck again and again", ContactHint.NoSignal },
        { "quiet", ContactHint.TooQuiet },
        { "cut off", ContactHint.TooLoud },
        { "cut off below full scale", ContactHint.TooLoud },
        { "noise", ContactHint.TooNoisy },
        { "friction", ContactHint.HoldStill },
        { "contact lost", ContactHint.PressFirmer },
    };

    /// <summary>A good heart for 6 s, then trouble: within 2 s the right hint, and it stays.</summary>
    [Theory]
    [MemberData(nameof(Troubles))]
    public void Judge_TroubleAfterAGoodHeart_IsSaidAndStays(string trouble, ContactHint expected)
    {
        var samples = Heart(14);
        Spoil(samples.AsSpan(6 * Rate), trouble);
        if (trouble == "contact lost") samples = Heart(14, new SimulatorOptions { ContactLossFromSeconds = 6, ContactLossToSeconds = 14 });

        var hints = Listen(samples);

        Assert.All(hints.Where(h => h.AtSeconds <= 6), h => Assert.Equal(ContactHint.Good, h.Hint));
        Assert.All(hints.Where(h => h.AtSeconds > 8), h => Assert.Equal(expected, h.Hint));
    }

    [Fact]
    public void Judge_Silence_IsNoSignalAtOnce()
    {
        var samples = Heart(9);
        samples.AsSpan(6 * Rate).Clear();

        Assert.Equal(6.5, Listen(samples).First(h => h.Hint == ContactHint.NoSignal).AtSeconds, 0.26);
    }

    [Fact]
    public void Judge_OneKnockOverASoftHeart_IsHoldStill()
    {
        var samples = Heart(9, new SimulatorOptions { Level = 0.03 });
        for (var i = 0; i < 100; i++) samples[6 * Rate + i] += 0.9f * MathF.Sin(2 * MathF.PI * 60 * i / Rate);

        var hints = Listen(samples);

        Assert.Contains(hints, h => h.Hint == ContactHint.HoldStill && h.AtSeconds < 7);
        Assert.Equal(ContactHint.Good, hints[^1].Hint);
    }

    [Fact]
    public void Judge_GoodAgain_IsSaid()
    {
        var samples = Heart(16);
        samples.AsSpan(5 * Rate, 4 * Rate).Clear();

        var hints = Listen(samples);

        Assert.Contains(hints, h => h.Hint == ContactHint.NoSignal);
        Assert.All(hints.Where(h => h.AtSeconds > 12), h => Assert.Equal(ContactHint.Good, h.Hint));
        Assert.InRange(hints[^1].SinceSeconds, 9, 12);
    }

    /// <summary>One glance of another kind, as at the edge of a noise, changes nothing.</summary>
    [Fact]
    public void Judge_FoundOnce_DoesNotReplaceTheHint()
    {
        var hints = new ContactHints(new FrontEndSpec(), 2000, new QualityGates());
        var heart = Heart(2, rate: 2000);
        var quiet = heart.Select(s => s * 0.002f).ToArray();
        ContactReport Judge(float[] samples, double at) => hints.Judge(new SignalWindow { EndSeconds = at, Source = samples, Wideband = samples, Banded = Band(samples) });

        Assert.Equal(ContactHint.Good, Judge(heart, 1).Hint);
        Assert.Equal(ContactHint.Good, Judge(quiet, 1.25).Hint);
        Assert.Equal(ContactHint.Good, Judge(heart, 1.5).Hint);
        Assert.Equal(ContactHint.Good, Judge(quiet, 1.75).Hint);
        var said = Judge(quiet, 2);
        Assert.Equal((ContactHint.TooQuiet, 1.75), (said.Hint, said.SinceSeconds));
        hints.Reset();
        said = Judge(heart, 9);
        Assert.Equal((ContactHint.Good, 9), (said.Hint, said.SinceSeconds));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(3)]
    public void Judge_OtherGain_ChangesNothingButTheLevel(double gain)
    {
        var samples = Heart(14);
        Spoil(samples.AsSpan(6 * Rate), "noise");

        var expected = Listen(samples);
        var hints = Listen([.. samples.Select(s => (float)(s * gain))]);

        Assert.Equal(expected.Select(h => (h.Hint, h.AtSeconds, h.SinceSeconds)), hints.Select(h => (h.Hint, h.AtSeconds, h.SinceSeconds)));
        Assert.All(expected.Zip(hints), pair => Assert.Equal(20 * Math.Log10(gain), pair.Second.LevelDb - pair.First.LevelDb, 0.01));
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(44100)]
    public void Judge_AnyChunking_SaysTheSameAtTheSamePlaces(int rate)
    {
        var samples = Heart(14, rate: rate);
        Spoil(samples.AsSpan(6 * rate), "cut off");
        samples[3 * rate] = float.NaN; // a gap on the way
        var expected = Listen(samples, rate);
        Assert.Contains(expected, h => h.Hint == ContactHint.TooLoud);

        foreach (var chunk in new[] { 1, 333, 20000 }) Assert.Equal(expected, Listen(samples, rate, chunk));
    }

    [Fact]
    public void Judge_ThousandGlances_AllocateNothing()
    {
        var hints = new ContactHints(new FrontEndSpec(), Rate, new QualityGates());
        var frontEnd = new FrontEnd(new FrontEndSpec(), Rate, (in _) => { }, (in glance) => hints.Judge(glance));
        var samples = Heart(10);
        Spoil(samples.AsSpan(5 * Rate), "friction");

        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 25; i++) frontEnd.Listen(samples);
        }));
    }

    private static void Spoil(Span<float> samples, string trouble)
    {
        var random = new Random(5);
        var low = 0f;
        for (var i = 0; i < samples.Length; i++)
        {
            ref var s = ref samples[i];
            low += 0.2f * (random.NextSingle() - 0.5f - low);
            s = trouble switch
            {
                "silence" => 0,
                "one value" => 0.25f,
                "last bit" => i % 7 == 0 ? 1 / 32768f : 0,
                "stuck again and again" => i % 2000 < 1200 ? 0.01f : s,
                "quiet" => 0.002f * s,
                "cut off" => Math.Clamp(40 * s, -1, 1),
                "cut off below full scale" => 0.3f * Math.Clamp(40 * s, -1, 1),
                "noise" => s + 0.3f * (random.NextSingle() - 0.5f),
                "friction" => s + (i % 1300 < 300 ? 4 * low : 0),
                _ => s,
            };
        }
    }

    private static List<ContactReport> Listen(float[] samples, int rate = Rate, int chunk = int.MaxValue)
    {
        var heard = new List<ContactReport>();
        var hints = new ContactHints(new FrontEndSpec(), rate, new QualityGates());
        var frontEnd = new FrontEnd(new FrontEndSpec(), rate, (in _) => { }, (in glance) => heard.Add(hints.Judge(glance)));
        for (var at = 0; at < samples.Length; at += Math.Min(chunk, samples.Length - at)) frontEnd.Listen(samples.AsSpan(at, Math.Min(chunk, samples.Length - at)));
        frontEnd.Complete();
        return heard;
    }

    private static float[] Heart(double seconds, SimulatorOptions? options = null, int rate = Rate)
    {
        var samples = new float[(int)(seconds * rate)];
        new HeartSound.Signal.Simulator((options ?? new SimulatorOptions()) with { SampleRateHz = rate }).Read(samples);
        return samples;
    }

    private static float[] Band(float[] samples)
    {
        var spec = new FrontEndSpec();
        var banded = new float[samples.Length];
        new BiquadCascade(Butterworth.BandPass(spec.BandOrder, spec.BandLowHz, spec.BandHighHz, spec.SampleRateHz)).Process(samples, banded);
        return banded;
    }
}
