namespace HeartSound.Signal.Tests.HeartRate;

public sealed class HeartRateCorrelationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(257)]
    [InlineData(500)]
    public void Compute_AnyLength_IsTheScalarResult(int length)
    {
        var random = new Random(length);
        float[] x = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
        var expected = new float[402];
        var actual = new float[402];
        HeartRateCorrelation.ComputeScalar(x, expected);
        HeartRateCorrelation.Compute(x, actual);
        // Float products summed in another order: 1e-7 each, and the shortest overlaps have the least to sum.
        for (var lag = 0; lag < actual.Length; lag++) Assert.InRange(actual[lag] - expected[lag], -2e-5, 2e-5);
    }

    [Fact]
    public void Compute_SilentPart_IsZeroThere()
    {
        var x = new float[100];
        x[0] = 1;
        x[1] = -1;
        var r = new float[60];
        HeartRateCorrelation.Compute(x, r);
        Assert.Equal(1, r[0], 1e-6);
        Assert.All(r[2..], v => Assert.Equal(0, v));
    }
}
