namespace HeartSound.Signal.Tests.Simulator;

/// <summary>What the simulator makes, judged as the front end judges it.</summary>
public sealed class SimulatorQualityTests
{
    private static readonly FrontEndSpec Spec = new();

    public static TheoryData<double, Murmur> Hearts()
    {
        var data = new TheoryData<double, Murmur>();
        foreach (var bpm in new double[] { 45, 50, 60, 66, 72, 80, 90, 100, 110, 120, 130, 140, 150 })
            foreach (var murmur in Enum.GetValues<Murmur>()) data.Add(bpm, murmur);
        return data;
    }

    [Theory]
    [MemberData(nameof(Hearts))]
    public void Assess_CleanHeart_IsAcceptedAndItsRateFound(double bpm, Murmur murmur)
    {
        for (var seed = 1UL; seed <= 3; seed++)
        {
            var (reports, rate) = Listen(new SimulatorOptions { SampleRateHz = 2000, HeartRateBpm = bpm, Murmur = murmur, Seed = seed }, 30);
            Assert.All(reports, r => Assert.True(r.Accepted, $"seed {seed}: {r}"));
            Assert.InRange(rate!.Value, bpm - 2, bpm + 2);
        }
    }

    [Theory]
    [InlineData(-120)]
    [InlineData(-60)]
    [InlineData(-40)]
    [InlineData(-20)]
    [InlineData(-6)]
    public void Assess_NoHeart_IsNeverAccepted(double noiseDb)
    {
        var (reports, _) = Listen(new SimulatorOptions { SampleRateHz = 2000, Level = 0, NoiseLevelDb = noiseDb }, 60);
        Assert.All(reports, r => Assert.False(r.Accepted, r.ToString()));
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.3)]
    [InlineData(1)]
    public void Assess_NoContact_IsNeverAccepted(double level)
    {
        for (var seed = 1UL; seed <= 3; seed++)
        {
            var (reports, _) = Listen(new SimulatorOptions { SampleRateHz = 2000, Level = level, ContactLossFromSeconds = 0, ContactLossToSeconds = 100, Seed = seed }, 60);
            Assert.All(reports, r => Assert.False(r.Accepted, $"seed {seed}: {r}"));
        }
    }

    private static (List<QualityReport> Reports, double? Bpm) Listen(SimulatorOptions options, int seconds)
    {
        var samples = new float[seconds * Spec.SampleRateHz];
        new HeartSound.Signal.Simulator(options).Read(samples);
        var banded = new float[samples.Length];
        new BiquadCascade(Butterworth.BandPass(Spec.BandOrder, Spec.BandLowHz, Spec.BandHighHz, Spec.SampleRateHz)).Process(samples, banded);
        var quality = new SignalQuality(Spec, new QualityGates());
        var rate = new HeartSound.Signal.HeartRate(Spec.SampleRateHz);
        var reports = new List<QualityReport>();
        for (var start = 0; start + Spec.WindowSamples <= samples.Length; start += Spec.WindowHopSamples)
        {
            var source = samples.AsSpan(start, Spec.WindowSamples);
            var window = banded.AsSpan(start, Spec.WindowSamples);
            reports.Add(quality.Assess(source, Spec.SampleRateHz, source, window));
            rate.Add(window, start / (double)Spec.SampleRateHz);
        }

        return (reports, rate.Current.BeatsPerMinute);
    }
}
