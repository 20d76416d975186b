using HeartSound.Edge.Fleet;

namespace HeartSound.Edge.Tests.Fleet;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantile_AThousandTimes_IsWithinOnePerCentAbove()
    {
        var histogram = new LatencyHistogram();
        foreach (var i in Enumerable.Range(1, 1000)) histogram.Add(i / 10.0);

        Assert.InRange(histogram.Quantile(0.5)!.Value, 50, 50 * 1.011);
        Assert.InRange(histogram.Quantile(0.99)!.Value, 99, 99 * 1.011);
        Assert.InRange(histogram.Quantile(1)!.Value, 100, 100 * 1.011);
        Assert.Equal(1000, histogram.Count);
    }

    [Fact]
    public void Quantile_Nothing_IsNull() => Assert.Null(new LatencyHistogram().Quantile(0.99));

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(1e12)]
    public void Add_OutOfRange_IsCountedAtTheEnd(double milliseconds)
    {
        var histogram = new LatencyHistogram();
        histogram.Add(milliseconds);

        Assert.Equal(1, histogram.Count);
        Assert.NotNull(histogram.Quantile(0.5));
    }
}
