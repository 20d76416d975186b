namespace HeartSound.Signal.Tests.HeartRate;

public sealed class HeartRateTests
{
    private const int Rate = 2000;

    [Theory]
    [InlineData(35)]
    [InlineData(60)]
    [InlineData(100)]
    [InlineData(150)]
    [InlineData(200)]
    public void Of_RegularBeats_FindsTheRate(double bpm)
    {
        var estimate = new HeartSound.Signal.HeartRate(Rate).Of(Beats(bpm, 0.35, 0.6, 8));
        Assert.InRange(estimate.BeatsPerMinute!.Value, bpm - 1, bpm + 1);
        Assert.InRange(estimate.Strength, 0.8, 1);
    }

    /// <summary>The octave error by name: systole as long as diastole, so that every sound, S1 or S2, has another half a beat later.</summary>
    [Theory]
    [InlineData(60)]
    [InlineData(75)]
    [InlineData(95)]
    [InlineData(110)]
    public void Of_SystoleAsLongAsDiastole_IsNotTheDoubleRate(double bpm)
    {
        var estimate = new HeartSound.Signal.HeartRate(Rate).Of(Beats(bpm, 0.5, 0.4, 8));
        Assert.InRange(estimate.BeatsPerMinute!.Value, bpm - 2, bpm + 2);
    }

    /// <summary>The octave error the other way: two fast beats look exactly like one slow beat.</summary>
    [Theory]
    [InlineData(130)]
    [InlineData(160)]
    [InlineData(180)]
    public void Of_FastHeart_IsNotTheHalfRate(double bpm)
    {
        var estimate = new HeartSound.Signal.HeartRate(Rate).Of(Beats(bpm, 0.45, 0.5, 8));
        Assert.InRange(estimate.BeatsPerMinute!.Value, bpm - 2, bpm + 2);
    }

    [Fact]
    public void Of_Silence_IsNoRate()
    {
        var estimate = new HeartSound.Signal.HeartRate(Rate).Of(new float[5 * Rate]);
        Assert.Null(estimate.BeatsPerMinute);
        Assert.Equal(0, estimate.Strength);
        Assert.Null(new HeartSound.Signal.HeartRate(Rate).Of([]).BeatsPerMinute);
        Assert.Null(new HeartSound.Signal.HeartRate(Rate).Current.BeatsPerMinute);
    }

    [Fact]
    public void Of_Noise_IsWeak()
    {
        var random = new Random(1);
        Assert.InRange(new HeartSound.Signal.HeartRate(Rate).Of([.. Enumerable.Range(0, 10 * Rate).Select(_ => random.NextSingle() - 0.5f)]).Strength, 0, 0.5);
    }

    [Fact]
    public void Current_ManyNoisyWindows_IsNearerThanTheirOwnEstimates()
    {
        var rate = new HeartSound.Signal.HeartRate(Rate);
        var random = new Random(5);
        var beats = Beats(77, 0.4, 0.6, 60);
        var near = 0;
        for (var start = 0; start + 5 * Rate <= beats.Length; start += 5 * Rate / 2)
        {
            var window = beats.AsSpan(start, 5 * Rate).ToArray();
            for (var i = 0; i < window.Length; i++) window[i] += 0.9f * (random.NextSingle() - 0.5f);
            rate.Add(window, start / (double)Rate);
            if (rate.Of(window).BeatsPerMinute is > 75 and < 79) near++;
        }

        Assert.InRange(rate.Current.BeatsPerMinute!.Value, 76, 78);
        Assert.True(near < 23, "Every window found the rate alone; the test shows nothing.");
        rate.Reset();
        Assert.Null(rate.Current.BeatsPerMinute);
    }

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(1, 1)]
    [InlineData(1.5, 0.75)]
    public void Current_ShortWindowsThatFollowOneAnother_FindTheRateTogether(double windowSeconds, double hopSeconds)
    {
        foreach (var bpm in new[] { 40, 60, 75, 100, 150 })
        {
            var rate = new HeartSound.Signal.HeartRate(Rate);
            var beats = Beats(bpm, 0.35, 0.6, 12);
            for (var start = 0.0; start + windowSeconds <= 12; start += hopSeconds) rate.Add(beats.AsSpan((int)(start * Rate), (int)(windowSeconds * Rate)), start);
            Assert.InRange(rate.Current.BeatsPerMinute!.Value, bpm - 2, bpm + 2);
        }
    }

    [Fact]
    public void Current_StretchStillOpen_IsHeardAlready()
    {
        var rate = new HeartSound.Signal.HeartRate(Rate);
        var beats = Beats(90, 0.35, 0.6, 3);
        for (var k = 0; k <= 3; k++) rate.Add(beats.AsSpan(k * Rate / 2, Rate), k / 2.0);
        var once = rate.Current; // 2.5 s
        Assert.InRange(once.BeatsPerMinute!.Value, 88, 92);
        Assert.Equal(once, rate.Current);
    }

    /// <summary>One second of a heart shows no beat longer than 0.3 s, whatever peaks there are.</summary>
    [Fact]
    public void Current_WindowsThatDoNotMeet_AreNotJoined()
    {
        var rate = new HeartSound.Signal.HeartRate(Rate);
        var beats = Beats(75, 0.35, 0.6, 20);
        for (var k = 0; k < 6; k++) rate.Add(beats.AsSpan(k * 3 * Rate, Rate), 3 * k);
        Assert.True(rate.Current.BeatsPerMinute is null or > 200);
    }

    [Fact]
    public void Current_LongWindow_IsWhatItIsAlone()
    {
        var rate = new HeartSound.Signal.HeartRate(Rate);
        var window = Beats(77, 0.4, 0.6, 5);
        rate.Add(window, 12.5);
        Assert.Equal(rate.Of(window), rate.Current);
    }

    /// <summary>S1 of magnitude 0.5 at 50 Hz and S2 at 70 Hz, a share of the beat later and a share as loud.</summary>
    private static float[] Beats(double bpm, double systoleShare, double s2Share, int seconds)
    {
        var samples = new float[seconds * Rate];
        var beat = 60 / bpm;
        for (var i = 0; i < samples.Length; i++)
        {
            var time = i / (double)Rate % beat;
            samples[i] = (float)(0.5 * Tone(time, 50) + 0.5 * s2Share * Tone(time - systoleShare * beat, 70) + 1e-4 * Math.Sin(i * 12.9898));
        }

        return samples;
    }

    private static double Tone(double seconds, double hertz) => seconds <= 0 ? 0 : Math.Exp(-seconds / 0.02) * Math.Sin(2 * Math.PI * hertz * seconds);
}
