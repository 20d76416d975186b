namespace HeartSound.Signal.Tests.Features;

public class FeatureNormaliserTests
{
    [Theory]
    [InlineData(Normalisation.None, "none")]
    [InlineData(Normalisation.Window, "window")]
    [InlineData(Normalisation.Band, "band")]
    public void Normalise_GoldenHistory_EqualsNumpy(Normalisation kind, string name)
    {
        var golden = GoldenFeatures.Load("normalised.json");
        var frames = golden.GetProperty("frames").GetInt32();
        var spec = Spec(kind, golden.GetProperty("windowFrames").GetInt32(), golden.GetProperty("countingFrames").GetInt32(), golden.GetProperty("bands").GetInt32());
        var window = new float[golden.Floats(name).Length];

        new FeatureNormaliser(spec).Normalise(golden.Floats("history"), frames, frames, window);

        // Both in double; values up to 4 rounded to float32.
        var expected = golden.Floats(name);
        for (var i = 0; i < window.Length; i++) Assert.Equal(expected[i], window[i], 5e-7f);
    }

    [Theory]
    [InlineData(Normalisation.Window)]
    [InlineData(Normalisation.Band)]
    public void Normalise_Constant_IsZero(Normalisation kind)
    {
        var spec = Spec(kind, 37, 60, 8);
        var history = new float[8 * 60];
        Array.Fill(history, -23.02585f);
        var window = new float[8 * 37];
        Array.Fill(window, 9);

        new FeatureNormaliser(spec).Normalise(history, 60, 60, window);

        Assert.All(window, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Normalise_BandWithGain_DoesNotChange()
    {
        var spec = Spec(Normalisation.Band, 37, 60, 8);
        var history = Noise(8 * 60, 1);
        var louder = history.Select(value => value + 3).ToArray(); // a gain is a sum in log units
        var (a, b) = (new float[8 * 37], new float[8 * 37]);

        new FeatureNormaliser(spec).Normalise(history, 60, 60, a);
        new FeatureNormaliser(spec).Normalise(louder, 60, 60, b);

        for (var i = 0; i < a.Length; i++) Assert.Equal(a[i], b[i], 2e-5f); // the sum's own rounding, 2.4e-7 over a deviation near 0.3
    }

    [Fact]
    public void Normalise_OlderHistoryThanCounts_IsIgnored()
    {
        var spec = Spec(Normalisation.Band, 37, 60, 8);
        var history = Noise(8 * 60, 2);
        var longer = new float[8 * 100];
        Array.Fill(longer, 1000);
        for (var band = 0; band < 8; band++) history.AsSpan(band * 60, 60).CopyTo(longer.AsSpan(band * 100 + 30));
        var (a, b) = (new float[8 * 37], new float[8 * 37]);

        new FeatureNormaliser(spec).Normalise(history, 60, 60, a);
        new FeatureNormaliser(spec).Normalise(longer, 100, 90, b);

        Assert.Equal(a, b);
    }

    [Fact]
    public void Normalise_LengthsThatDoNotFit_ThrowArgumentException()
    {
        var normaliser = new FeatureNormaliser(Spec(Normalisation.Band, 37, 60, 8));
        var (history, window) = (new float[8 * 60], new float[8 * 37]);

        Assert.Throws<ArgumentOutOfRangeException>("historyFrames", () => normaliser.Normalise(history, 60, 36, window));
        Assert.Throws<ArgumentOutOfRangeException>("stride", () => normaliser.Normalise(history, 59, 60, window));
        Assert.Throws<ArgumentException>("history", () => normaliser.Normalise(history.AsSpan(1), 60, 60, window));
        Assert.Throws<ArgumentException>("window", () => normaliser.Normalise(history, 60, 60, new float[8 * 37 + 1]));
    }

    [Theory]
    [InlineData(1), InlineData(3), InlineData(4), InlineData(5), InlineData(7), InlineData(8), InlineData(9)]
    [InlineData(15), InlineData(16), InlineData(17), InlineData(31), InlineData(33), InlineData(257)]
    public void Statistics_AnyLength_EqualPlainSums(int length)
    {
        var values = Noise(length, length);
        var mean = values.Select(v => (double)v).Sum() / length;
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / length);

        var actual = FeatureNormaliser.Statistics(values);

        Assert.Equal(mean, actual.Mean, 1e-13); // a different order of at most 257 sums
        Assert.Equal(Math.Max(deviation, FeatureNormaliser.DeviationFloor), actual.Deviation, 1e-13);
    }

    private static FrontEndSpec Spec(Normalisation kind, int windowFrames, int historyFrames, int bands)
    {
        var spec = new FrontEndSpec
        {
            FftSamples = 512,
            FrameSamples = 256,
            HopSamples = 32,
            MelBands = bands,
            Normalisation = kind,
            WindowSeconds = (512 + 32 * (windowFrames - 1)) / 2000.0,
            NormalisationSeconds = (512 + 32 * (historyFrames - 1)) / 2000.0,
        };
        Assert.Equal((windowFrames, historyFrames), (spec.WindowFrames, spec.NormalisationFrames));
        return spec;
    }

    private static float[] Noise(int length, int seed)
    {
        var random = new Random(seed);
        var noise = new float[length];
        foreach (ref var value in noise.AsSpan()) value = (float)(random.NextDouble() - 8);
        return noise;
    }
}
