namespace HeartSound.Signal.Tests.Quality;

public sealed class SignalQualityTests
{
    private const int Rate = 2000;
    private static readonly FrontEndSpec Spec = new();

    [Fact]
    public void Assess_CleanHeart_IsGood()
    {
        var report = Assess(Heart());
        Assert.Equal(QualityReason.Good, report.Reason);
        Assert.True(report.Accepted);
        Assert.InRange(report.Score, 0.8, 1);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    public void Assess_OneValue_IsDead(float value)
    {
        var samples = new float[Spec.WindowSamples];
        Array.Fill(samples, value);
        Expect(QualityReason.Dead, samples);
    }

    [Fact]
    public void Assess_LastBitToggles_IsDead() => Expect(QualityReason.Dead, [.. Heart().Select((_, i) => i % 7 == 0 ? 1 / 32768f : 0)]);

    [Fact]
    public void Assess_FarTooQuiet_IsTooQuiet() => Expect(QualityReason.TooQuiet, [.. Heart().Select(v => v * 0.002f)]);

    [Fact]
    public void Assess_StuckForHalfTheWindow_IsFlatLine() => Expect(QualityReason.FlatLine, [.. Heart().Select((v, i) => i % 1000 < 500 ? 0.01f : v)]);

    [Theory]
    [InlineData(1f, 1f)]
    [InlineData(1f, 0.3f)] // clipped before a gain stage: the plateau lies below full scale
    [InlineData(0.9f, 0.999f)]
    public void Assess_CutOff_IsClipped(float limit, float gain) => Expect(QualityReason.Clipped, [.. Heart().Select(v => Math.Clamp(v * 40, -limit, limit) * gain)]);

    [Fact]
    public void Assess_WhiteNoiseOverTheHeart_IsNoise()
    {
        var random = new Random(1);
        Expect(QualityReason.Noise, [.. Heart().Select(v => v + 0.2f * (random.NextSingle() - 0.5f))]);
    }

    [Fact]
    public void Assess_RumbleOverTheHeart_IsNoise() => Expect(QualityReason.Noise, [.. Heart().Select((v, i) => v + 0.6f * MathF.Sin(2 * MathF.PI * 5 * i / Rate))]);

    [Fact]
    public void Assess_OneKnock_IsSpikes() =>
        Expect(QualityReason.Spikes, [.. Heart(0.03).Select((v, i) => v + (i is > 5000 and < 5040 ? 0.9f * MathF.Sin(2 * MathF.PI * 60 * (i - 5000) / Rate) : 0))]);

    [Fact]
    public void Assess_NoiseInsideTheBand_IsNoHeartbeat()
    {
        var noise = new float[Spec.WindowSamples];
        var random = new Random(3);
        for (var i = 0; i < noise.Length; i++) noise[i] = random.NextSingle() - 0.5f;
        new BiquadCascade(Butterworth.BandPass(2, 30, 80, Rate)).Process(noise, noise);
        Expect(QualityReason.NoHeartbeat, noise);
    }

    [Fact]
    public void Assess_ContactLostAfterHalfTheWindow_IsNoHeartbeat() =>
        Expect(QualityReason.NoHeartbeat, [.. Heart().Select((v, i) => i < Spec.WindowSamples / 2 ? v : 0.005f * v)]);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Assess_NotFinite_IsFault(float value)
    {
        var samples = Heart();
        samples[4321] = value;
        var report = new SignalQuality(Spec, new QualityGates()).Assess(samples, Rate, Heart(), Band(Heart()));
        Assert.Equal(QualityReason.Fault, report.Reason);
        Assert.Equal(0, report.Score);
    }

    [Fact]
    public void Assess_Nothing_IsDead() => Assert.Equal(QualityReason.Dead, new SignalQuality(Spec, new QualityGates()).Assess([], Rate, [], []).Reason);

    [Fact]
    public void Assess_GainWithinRange_KeepsReasonAndScore()
    {
        var loud = Assess(Heart());
        var soft = Assess([.. Heart().Select(v => v * 0.125f)]);
        Assert.Equal(loud.Reason, soft.Reason);
        Assert.InRange(soft.Score - loud.Score, -1e-5, 1e-5);
        Assert.InRange(soft.LevelDb - loud.LevelDb, -18.07, -18.05);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(4000)]
    public void Assess_OtherSpecRate_FindsTheSame(int rate)
    {
        var spec = Spec with { SampleRateHz = rate };
        var samples = new float[spec.WindowSamples];
        new HeartSound.Signal.Simulator(new SimulatorOptions { SampleRateHz = rate }).Read(samples);
        var banded = new float[samples.Length];
        new BiquadCascade(Butterworth.BandPass(5, 25, 400, rate)).Process(samples, banded);
        var report = new SignalQuality(spec, new QualityGates()).Assess(samples, rate, samples, banded);
        Assert.True(report.Accepted, report.ToString());
    }

    [Fact]
    public void Assess_StricterGates_Reject()
    {
        var heart = Heart();
        var strict = new SignalQuality(Spec, new QualityGates { MinScore = 0.9999 });
        Assert.False(strict.Assess(heart, Rate, heart, Band(heart)).Accepted);
    }

    [Fact]
    public void Assess_ThousandWindows_AllocateNothing()
    {
        var heart = Heart();
        var banded = Band(heart);
        var quality = new SignalQuality(Spec, new QualityGates());
        var rate = new HeartSound.Signal.HeartRate(Rate);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++) Round();
        }));

        void Round()
        {
            quality.Assess(heart, Rate, heart, banded);
            rate.Add(banded, 0);
            _ = rate.Current;
        }
    }

    private static void Expect(QualityReason reason, float[] samples)
    {
        var report = Assess(samples);
        Assert.True(reason == report.Reason, $"expected {reason}: {report}");
        Assert.False(report.Accepted);
    }

    private static QualityReport Assess(float[] samples) => new SignalQuality(Spec, new QualityGates()).Assess(samples, Rate, samples, Band(samples));

    private static float[] Heart(double level = 0.3)
    {
        var samples = new float[Spec.WindowSamples];
        new HeartSound.Signal.Simulator(new SimulatorOptions { SampleRateHz = Rate, Level = level }).Read(samples);
        return samples;
    }

    private static float[] Band(float[] samples)
    {
        var banded = new float[samples.Length];
        new BiquadCascade(Butterworth.BandPass(Spec.BandOrder, Spec.BandLowHz, Spec.BandHighHz, Spec.SampleRateHz)).Process(samples, banded);
        return banded;
    }
}
