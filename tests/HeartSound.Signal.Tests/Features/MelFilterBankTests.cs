namespace HeartSound.Signal.Tests.Features;

public class MelFilterBankTests
{
    [Fact]
    public void Weights_GoldenSpecs_EqualTorchaudio()
    {
        foreach (var item in GoldenFeatures.Load("filters.json").EnumerateArray())
        {
            var spec = item.Spec();
            var bank = new MelFilterBank(spec.SampleRateHz, spec.FftSamples, spec.MelBands, spec.MelLowHz, spec.MelHighHz);
            for (var band = 0; band < bank.Bands; band++)
            {
                var weights = bank.Weights(band, out var first);
                var (sum, centroid) = (0.0, 0.0);
                for (var i = 0; i < weights.Length; i++) (sum, centroid) = (sum + weights[i], centroid + weights[i] * (first + i));

                // Sums of at most 600 weights below 0.2, in double on both sides.
                Assert.Equal(item.GetProperty("rowSums")[band].GetDouble(), sum, 1e-12);
                Assert.Equal(item.GetProperty("centroids")[band].GetDouble(), centroid, 1e-9);
            }
        }
    }

    [Fact]
    public void Weights_Default_ArePositiveAndWithinItsBins()
    {
        var bank = Bank(2000, 512, 64, 25, 500);

        for (var band = 0; band < bank.Bands; band++)
        {
            var weights = bank.Weights(band, out var first).ToArray();
            Assert.NotEmpty(weights);
            Assert.All(weights, weight => Assert.True(weight > 0));
            Assert.InRange(first, bank.FirstBin, bank.LastBin);
            Assert.InRange(first + weights.Length - 1, bank.FirstBin, bank.LastBin);
        }

        Assert.Equal((7, 127), (bank.FirstBin, bank.LastBin)); // 25 Hz is bin 6.4, 500 Hz is bin 128, where the last triangle ends
        Assert.Empty(bank.EmptyBands);
    }

    [Fact]
    public void EmptyBands_MoreBandsThanBins_AreNamedAndTheSpecIsRefused()
    {
        // 64 bands over 475 Hz are 7.3 Hz apart, the bins of a 64-point FFT 31.25 Hz: most triangles hold no bin.
        var spec = new FrontEndSpec { FftSamples = 64, FrameSamples = 64 };
        var bank = new MelFilterBank(spec.SampleRateHz, spec.FftSamples, spec.MelBands, spec.MelLowHz, spec.MelHighHz);

        Assert.InRange(bank.EmptyBands.Count, 30, 63);
        for (var band = 0; band < 64; band++) Assert.Equal(bank.EmptyBands.Contains(band), bank.Weights(band, out _).IsEmpty);
        Assert.Contains($"{bank.EmptyBands.Count} bands lie between two bins", Assert.Single(spec.Faults()), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new LogMel(spec));
    }

    [Fact]
    public void Constructor_NoBinInAnyBand_IsEmptyThroughout()
    {
        var bank = Bank(2000, 64, 8, 33, 60); // between the bins at 31.25 and 62.5 Hz

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], bank.EmptyBands);
        Assert.True(bank.LastBin < bank.FirstBin);
    }

    [Theory]
    [InlineData(2000, 512, 0, 25, 500)]
    [InlineData(2000, 511, 64, 25, 500)]
    [InlineData(2000, 512, 64, -1, 500)]
    [InlineData(2000, 512, 64, 500, 500)]
    [InlineData(2000, 512, 64, 25, 1001)]
    public void Constructor_OutOfRange_Throws(int rate, int fft, int bands, double low, double high) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Bank(rate, fft, bands, low, high));

    private static MelFilterBank Bank(int rate, int fft, int bands, double low, double high) => new(rate, fft, bands, low, high);
}
