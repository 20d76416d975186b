namespace HeartSound.Signal.Tests.Simulator;

public sealed class SimulatorTests
{
    private static readonly SimulatorOptions Busy = new() { Murmur = Murmur.Systolic, ContactLossesPerMinute = 10, ContactLossFromSeconds = 1, ContactLossToSeconds = 2, Seed = 7 };

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Read_AnyChunking_GivesTheSameSamples(int chunk)
    {
        var whole = Make(Busy, 20_000);
        var simulator = new HeartSound.Signal.Simulator(Busy);
        var parts = new float[whole.Length];
        for (var i = 0; i < parts.Length; i += chunk) simulator.Read(parts.AsSpan(i, Math.Min(chunk, parts.Length - i)));
        Assert.Equal(whole, parts);
        Assert.Equal(parts.Length, simulator.Position);
    }

    [Fact]
    public void Read_OtherSeed_GivesOtherSamples() => Assert.NotEqual(Make(Busy, 1000), Make(Busy with { Seed = 8 }, 1000));

    [Fact]
    public void Next_SplitMix64_IsThePublishedSequence()
    {
        var random = new SimulatorRandom(1234567); // Vigna's reference code, splitmix64.c
        Assert.Equal(6457827717110365317UL, random.Next());
        Assert.Equal(3203168211198807973UL, random.Next());
        Assert.Equal(9817491932198370423UL, random.Next());
    }

    [Fact]
    public void Normal_ManyNumbers_HasMeanZeroAndVarianceOne()
    {
        var random = new SimulatorRandom(1);
        double sum = 0, squares = 0;
        const int count = 200_000;
        for (var i = 0; i < count; i++)
        {
            var x = random.Normal();
            sum += x;
            squares += x * x;
        }

        Assert.InRange(sum / count, -0.01, 0.01); // 4 standard errors
        Assert.InRange(squares / count, 0.98, 1.02);
    }

    [Theory]
    [InlineData(Murmur.Systolic)]
    [InlineData(Murmur.Diastolic)]
    public void Read_WithMurmur_RaisesThatPartOfTheBeatOnly(Murmur murmur)
    {
        // At 60 a minute without variation S1 is at 0 s, S2 near 0.32 s; murmurs lie in 0.1–0.28 s and 0.4–0.8 s of each beat.
        var quiet = new SimulatorOptions { SampleRateHz = 2000, HeartRateBpm = 60, RateVariability = 0, RespirationPerMinute = 0 };
        var plain = Make(quiet, 20_000);
        var with = Make(quiet with { Murmur = murmur }, 20_000);
        var (inside, outside) = murmur == Murmur.Systolic ? ((0.12, 0.26), (0.45, 0.9)) : ((0.42, 0.7), (0.12, 0.26));
        Assert.True(Energy(with, inside) > 20 * Energy(plain, inside));
        Assert.InRange(Energy(with, outside) / Energy(plain, outside), 0.99, 1.01);
    }

    [Fact]
    public void Read_SampleRates_KeepTheSameBeat()
    {
        foreach (var rate in new[] { 1000, 4000, 8000, 44100 })
        {
            var samples = Make(new SimulatorOptions { SampleRateHz = rate, HeartRateBpm = 80, NoiseLevelDb = -60 }, 8 * rate);
            Assert.InRange(samples.Max(Math.Abs), 0.2f, 0.45f); // S1 peaks near Level = 0.3
        }
    }

    [Fact]
    public void Constructor_OptionsOutOfRange_NamesThemAll()
    {
        var error = Assert.Throws<ArgumentException>(() => new HeartSound.Signal.Simulator(new SimulatorOptions { HeartRateBpm = 500, Level = 2 }));
        Assert.Contains("heartRateBpm", error.Message, StringComparison.Ordinal);
        Assert.Contains("level", error.Message, StringComparison.Ordinal);
    }

    private static float[] Make(SimulatorOptions options, int count)
    {
        var samples = new float[count];
        new HeartSound.Signal.Simulator(options).Read(samples);
        return samples;
    }

    private static double Energy(float[] samples, (double From, double To) ofBeat) =>
        samples.Where((_, i) => i / 2000.0 % 1 >= ofBeat.From && i / 2000.0 % 1 < ofBeat.To).Sum(v => (double)v * v);
}
