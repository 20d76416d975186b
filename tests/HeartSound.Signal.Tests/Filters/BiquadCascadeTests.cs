namespace HeartSound.Signal.Tests.Filters;

public sealed class BiquadCascadeTests
{
    [Fact]
    public void Process_Noise_EqualsScipysSosfilt()
    {
        var cases = Golden.Cases<FilterCase>("sosfilt.json");
        Assert.NotEmpty(cases);
        foreach (var c in cases)
        {
            var cascade = new BiquadCascade(Butterworth.BandPass(c.Order, c.LowHz, c.HighHz, c.SampleRateHz));
            var output = new float[c.Input.Length];
            cascade.Process(c.Input, output);
            // Output below 1 in size is rounded to float: half a unit in its last place is 3e-8.
            for (var i = 0; i < output.Length; i++) Assert.Equal(c.Output[i], output[i], 1e-7);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(12)]
    public void Process_AnyChunking_GivesTheSameBits(int order)
    {
        var input = Noise.Make(60_000, order);
        Array.Clear(input, 20_000, 30_000); // long enough for the state to settle
        var sections = Butterworth.BandPass(order, 25, 400, 2000);
        var whole = new float[input.Length];
        new BiquadCascade(sections).Process(input, whole);
        for (var seed = 0; seed < 4; seed++)
        {
            var cascade = new BiquadCascade(sections);
            var output = new List<float>();
            foreach (var chunk in Noise.Cut(input, seed))
            {
                cascade.Process(chunk, chunk); // in place
                output.AddRange(chunk);
            }

            Assert.Equal(whole, output);
        }
    }

    [Fact]
    public void Process_AfterLongSilence_IsExactlyZero()
    {
        // Two last sections magnify what a float cannot show: six seconds after the noise the state would be near 1e-130.
        var magnifier = new BiquadSection(1e100, 0, 0, 0, 0);
        var cascade = new BiquadCascade([.. Butterworth.BandPass(5, 25, 400, 2000), magnifier, magnifier]);
        var block = Noise.Make(2000, 1);
        cascade.Process(block, block);
        block = new float[2000 * 6];
        cascade.Process(block, block);
        block = new float[2000];
        cascade.Process(block, block);
        Assert.All(block, sample => Assert.Equal(0f, sample));
    }

    [Fact]
    public void Reset_ThenTheSameStream_GivesTheSameBits()
    {
        var input = Noise.Make(3000, 2);
        var cascade = new BiquadCascade(Butterworth.BandPass(5, 25, 400, 2000));
        float[] first = new float[3000], second = new float[3000];
        cascade.Process(input, first);
        cascade.Reset();
        cascade.Process(input, second);
        Assert.Equal(first, second);
    }

    [Fact]
    public void Process_OutputTooShort_Throws()
    {
        var cascade = new BiquadCascade(Butterworth.BandPass(1, 25, 400, 2000));
        Assert.Throws<ArgumentException>(() => cascade.Process(new float[3], new float[2]));
        Assert.Throws<ArgumentException>(() => new BiquadCascade([]));
    }

    [Fact]
    public void Process_Steady_AllocatesNothing()
    {
        var cascade = new BiquadCascade(Butterworth.BandPass(5, 25, 400, 2000));
        var block = Noise.Make(1000, 1);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++) cascade.Process(block, block);
        }));
    }

    private sealed record FilterCase(int Order, double LowHz, double HighHz, int SampleRateHz, float[] Input, double[] Output);
}
