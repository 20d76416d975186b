namespace HeartSound.Signal.Tests.Filters;

public sealed class BiquadGroupTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void ProcessVector_EveryLength_AgreesWithScalarToTheBit(int order)
    {
        var sections = Butterworth.BandPass(order, 25, 400, 2000);
        // General sections too: a design's middle coefficient is zero.
        for (var k = 0; k < order; k++) sections[k] = sections[k] with { B1 = 0.1 * (k + 1) };
        var scalar = new BiquadGroup(sections);
        var vector = new BiquadGroup(sections);
        var dispatched = new BiquadGroup(sections);
        // One stream through blocks of every length: the state is compared with it.
        foreach (var length in new[] { 0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 257, 6, 6 })
        {
            var expected = Array.ConvertAll(Noise.Make(length, length), sample => (double)sample);
            double[] actual = [.. expected], chosen = [.. expected];
            scalar.ProcessScalar(expected);
            dispatched.Process(chosen);
            Assert.Equal(expected, chosen);
            if (length >= BiquadGroup.MaxSections) vector.ProcessVector(actual);
            else vector.ProcessScalar(actual);
            Assert.Equal(expected, actual);
        }
    }
}
