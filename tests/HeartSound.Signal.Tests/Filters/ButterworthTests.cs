using System.Numerics;

namespace HeartSound.Signal.Tests.Filters;

public sealed class ButterworthTests
{
    [Fact]
    public void BandPass_Response_EqualsScipys()
    {
        var cases = Golden.Cases<ResponseCase>("butterworth.json");
        Assert.True(cases.Count > 60);
        foreach (var c in cases)
        {
            var sections = Butterworth.BandPass(c.Order, c.LowHz, c.HighHz, c.SampleRateHz);
            Assert.Equal(c.Order, sections.Length);
            for (var i = 0; i < c.FrequenciesHz.Length; i++)
            {
                var error = Complex.Abs(Response(sections, c.FrequenciesHz[i] / c.SampleRateHz) - new Complex(c.Real[i], c.Imaginary[i]));
                // The bound; what scipy's own sections reach against its poles and zeros is of the order of 1e-11.
                Assert.True(error < 1e-9, $"order {c.Order}, {c.LowHz}–{c.HighHz} Hz at {c.SampleRateHz} Hz: off by {error:G3} at {c.FrequenciesHz[i]} Hz");
            }
        }
    }

    [Fact]
    public void BandPass_EverySection_IsStableAndHasUnitGainAtTheCentre()
    {
        for (var order = 1; order <= 12; order++)
        {
            var sections = Butterworth.BandPass(order, 25, 400, 2000);
            var centre = Math.Atan(Math.Sqrt(Math.Tan(Math.PI * 25 / 2000) * Math.Tan(Math.PI * 400 / 2000))) / Math.PI;
            foreach (var section in sections)
            {
                // The triangle of stability.
                Assert.True(Math.Abs(section.A2) < 1 && Math.Abs(section.A1) < 1 + section.A2);
                Assert.Equal(1, Response([section], centre).Magnitude, 1e-10);
            }
        }
    }

    [Theory]
    [InlineData(0, 25, 400, 2000)]
    [InlineData(13, 25, 400, 2000)]
    [InlineData(5, 0, 400, 2000)]
    [InlineData(5, 400, 400, 2000)]
    [InlineData(5, 25, 1000, 2000)]
    [InlineData(5, double.NaN, 400, 2000)]
    [InlineData(5, 25, double.NaN, 2000)]
    [InlineData(5, 25, 400, 0)]
    public void BandPass_ArgumentOutOfRange_Throws(int order, double low, double high, int rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Butterworth.BandPass(order, low, high, rate));

    // `turns`: frequency as a fraction of the sample rate.
    private static Complex Response(ReadOnlySpan<BiquadSection> sections, double turns)
    {
        var back = Complex.FromPolarCoordinates(1, -2 * Math.PI * turns);
        var response = Complex.One;
        foreach (var s in sections) response *= (s.B0 + back * (s.B1 + back * s.B2)) / (1 + back * (s.A1 + back * s.A2));
        return response;
    }

    private sealed record ResponseCase(int Order, double LowHz, double HighHz, int SampleRateHz, double[] FrequenciesHz, double[] Real, double[] Imaginary);
}
