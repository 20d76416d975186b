namespace HeartSound.Signal.Tests.Quality;

public sealed class QualityKernelTests
{
    public static TheoryData<int> Lengths() => [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 257, 1023, 1024, 1025, 2500];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void CountOutside_AnyLength_IsTheScalarCount(int length)
    {
        var x = Noise(length);
        Assert.Equal(SignalQuality.CountOutsideScalar(x, -0.2f, 0.3f), SignalQuality.CountOutside(x, -0.2f, 0.3f));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void CountFlat_AnyLengthAndRun_IsTheScalarCount(int length)
    {
        var random = new Random(length);
        for (var round = 0; round < 200; round++)
        {
            var x = new float[length];
            for (var i = 0; i < length;)
            {
                var value = random.Next(4);
                for (var end = Math.Min(length, i + random.Next(1, 30)); i < end; i++) x[i] = value;
            }

            var run = random.Next(2, 40);
            Assert.Equal(SignalQuality.CountFlatScalar(x, run), SignalQuality.CountFlat(x, run));
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void MomentsAndStep_AnyLength_AreThePlainSums(int length)
    {
        if (length == 0) return;
        var x = Noise(length);
        var mean = x.Average(v => (double)v);
        var (actualMean, actualVariance) = SignalQuality.Moments(x);
        Assert.Equal(mean, actualMean, 1e-6);
        Assert.Equal(x.Average(v => (v - mean) * (v - mean)), actualVariance, 1e-6);
        var step = length > 1 ? x.Skip(1).Zip(x, (a, b) => ((double)a - b) * ((double)a - b)).Average() : 0;
        Assert.Equal(step, SignalQuality.MeanSquareStep(x), 1e-6);
    }

    private static float[] Noise(int length)
    {
        var random = new Random(length + 1);
        return [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
    }
}
