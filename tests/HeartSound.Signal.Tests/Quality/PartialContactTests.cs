namespace HeartSound.Signal.Tests.Quality;

/// <summary>Contact that is lost or found within a window: the part that is left must not be judged.</summary>
public sealed class PartialContactTests
{
    private const int Rate = 2000;
    private const int Seeds = 6;
    private const double Never = 1000;
    private static readonly FrontEndSpec Spec = new();
    private static readonly double[] Rates = [45, 50, 60, 72, 85, 100, 120, 135, 150];

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(2)]
    [InlineData(2.5)]
    [InlineData(3)]
    [InlineData(3.5)]
    public void Assess_ContactLostWithinTheWindow_IsRejected(double lostAfter) => ExpectRejected(5 + lostAfter, Never);

    [Theory]
    [InlineData(1.5)]
    [InlineData(2)]
    [InlineData(2.5)]
    [InlineData(3)]
    [InlineData(3.5)]
    public void Assess_ContactFoundWithinTheWindow_IsRejected(double foundAfter) => ExpectRejected(0, 5 + foundAfter);

    [Fact]
    public void Assess_ContactLostInTheMiddleOfTheWindow_IsRejected() => ExpectRejected(6.5, 8.5);

    [Fact]
    public void Assess_ContactLostAfterTwoSeconds_IsNoHeartbeat()
    {
        var report = Assess(new SimulatorOptions { ContactLossFromSeconds = 7, ContactLossToSeconds = Never });
        Assert.True(report.Reason == QualityReason.NoHeartbeat, report.ToString());
    }

    [Theory]
    [InlineData(0.02, 15)]
    [InlineData(0.05, 15)]
    [InlineData(0.08, 25)]
    public void Assess_ContactThroughout_IsAccepted(double variability, double breaths)
    {
        foreach (var bpm in Rates)
            foreach (var murmur in Enum.GetValues<Murmur>())
                for (var seed = 1UL; seed <= Seeds; seed++)
                {
                    var report = Assess(new SimulatorOptions { HeartRateBpm = bpm, Murmur = murmur, RateVariability = variability, RespirationPerMinute = breaths, Seed = seed });
                    Assert.True(report.BeatContrastDb > new QualityGates().MinBeatContrastDb + 1, $"{bpm} bpm, {murmur}, seed {seed}: {report}");
                    // A heart this irregular may fail for its periodicity, but for nothing else.
                    Assert.True(report.Accepted || (variability > 0.02 && report.Periodicity < 0.6), $"{bpm} bpm, {murmur}, seed {seed}: {report}");
                }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(47)]
    public void Replace_AnyValue_IsTheSortedStretch(int length)
    {
        var random = new Random(length);
        var values = Enumerable.Range(0, 600).Select(_ => (float)random.Next(40)).ToArray(); // with equal ones
        var sliding = values[..length];
        Array.Sort(sliding);
        for (var i = length; i < values.Length; i++)
        {
            SignalQuality.Replace(sliding, values[i - length], values[i]);
            Assert.Equal(values[(i - length + 1)..(i + 1)].Order(), sliding);
        }
    }

    private static void ExpectRejected(double lostFrom, double lostTo)
    {
        foreach (var bpm in Rates)
            foreach (var murmur in Enum.GetValues<Murmur>())
                for (var seed = 1UL; seed <= Seeds; seed++)
                {
                    var report = Assess(new SimulatorOptions { HeartRateBpm = bpm, Murmur = murmur, ContactLossFromSeconds = lostFrom, ContactLossToSeconds = lostTo, Seed = seed });
                    Assert.False(report.Accepted, $"{bpm} bpm, {murmur}, seed {seed}: {report}");
                }
    }

    /// <summary>The window from 5 s to 10 s.</summary>
    private static QualityReport Assess(SimulatorOptions options)
    {
        var samples = new float[10 * Rate];
        new HeartSound.Signal.Simulator(options with { SampleRateHz = Rate }).Read(samples);
        var banded = new float[samples.Length];
        new BiquadCascade(Butterworth.BandPass(Spec.BandOrder, Spec.BandLowHz, Spec.BandHighHz, Rate)).Process(samples, banded);
        var source = samples.AsSpan(5 * Rate);
        return new SignalQuality(Spec, new QualityGates()).Assess(source, Rate, source, banded.AsSpan(5 * Rate));
    }
}
