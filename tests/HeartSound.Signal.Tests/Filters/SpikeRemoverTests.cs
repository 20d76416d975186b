namespace HeartSound.Signal.Tests.Filters;

public sealed class SpikeRemoverTests
{
    [Fact]
    public void Process_GoldenCases_ZeroTheSamplesThatPythonZeroes()
    {
        var cases = Golden.Cases<SpikeCase>("spikes.json");
        Assert.True(cases.Count >= 5);
        foreach (var c in cases)
        {
            var expected = (float[])c.Input.Clone();
            foreach (var at in c.Zeroed) expected[at] = 0;
            Assert.True(expected.AsSpan().SequenceEqual(Run(c.Input, c.SampleRateHz)), c.Name);
        }
    }

    [Fact]
    public void Process_OneSpike_TakesTheWholeLobeAndNothingElse()
    {
        // A spike of 20 samples on a 50 Hz tone of 0.1.
        var input = new float[10_000];
        for (var i = 0; i < input.Length; i++) input[i] = 0.1f * MathF.Sin(2 * MathF.PI * (i + 0.5f) / 40);
        for (var i = 0; i < 20; i++) input[6000 + i] = 1 - MathF.Abs(i - 9.5f) / 20;
        var output = Run(input, 2000);
        for (var i = 0; i < input.Length; i++) Assert.Equal(i is >= 6000 and < 6020 ? 0 : input[i], output[i]);
    }

    [Fact]
    public void Process_AnyChunking_GivesTheSameBitsAndLength()
    {
        var input = Noise.Make(43_211, 1);
        foreach (var at in new[] { 5_100, 9_999, 20_345, 31_000, 43_205 }) input.AsSpan(at, 6).Fill(9);
        var whole = Run(input, 2000);
        Assert.Equal(input.Length, whole.Length);
        Assert.NotEqual(input, whole);
        for (var seed = 0; seed < 4; seed++)
        {
            var remover = new SpikeRemover(2000);
            var output = new List<float>();
            foreach (var chunk in Noise.Cut(input, seed))
            {
                var block = new float[remover.MaxOutput(chunk.Length)];
                output.AddRange(block[..remover.Process(chunk, block)]);
            }

            var tail = new float[remover.MaxOutput(0)];
            output.AddRange(tail[..remover.Flush(tail)]);
            Assert.Equal(whole, output);
        }
    }

    [Fact]
    public void Process_DelaySamples_IsWhenTheFirstSampleLeaves()
    {
        var remover = new SpikeRemover(2000);
        var output = new float[remover.MaxOutput(1)];
        Assert.Equal(1000, remover.DelaySamples);
        for (var i = 1; i < remover.DelaySamples; i++) Assert.Equal(0, remover.Process([0.5f], output));
        Assert.Equal(remover.DelaySamples, remover.Process([0.5f], output));
    }

    [Fact]
    public void Process_SamplesThatAlternate_EndsAndKeepsTheMedian()
    {
        // Every lobe is one sample: as many steps as there are loud samples.
        var input = new float[8000];
        for (var i = 0; i < input.Length; i++) input[i] = (i % 2 == 0 ? 1 : -1) * (i >= 7000 ? 1f : 0.1f);
        var output = Run(input, 2000);
        Assert.All(output[7000..], sample => Assert.Equal(0f, sample));
        Assert.Equal(input[..7000], output[..7000]);
    }

    [Fact]
    public void Flush_ThenAnotherStream_IsAsFresh()
    {
        var input = Noise.Make(5_300, 3);
        input.AsSpan(100, 5).Fill(9); // passes, in a first frame; goes, in a later one
        var remover = new SpikeRemover(2000);
        var first = Run(remover, input);
        Assert.Equal(first, Run(remover, input));
    }

    [Fact]
    public void Process_OutputTooShort_ThrowsAndTakesNothing()
    {
        var input = Noise.Make(2_500, 3);
        var remover = new SpikeRemover(2000);
        Assert.Throws<ArgumentException>(() => remover.Process(input, new float[1_999]));
        Assert.Equal(input, Run(remover, input));
    }

    [Fact]
    public void Process_Steady_AllocatesNothing()
    {
        var remover = new SpikeRemover(2000);
        var input = Noise.Make(1024, 1);
        input[77] = 20;
        var output = new float[remover.MaxOutput(input.Length)];
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++) remover.Process(input, output);
        }));
    }

    private static float[] Run(float[] input, int rate) => Run(new SpikeRemover(rate), input);

    private static float[] Run(SpikeRemover remover, float[] input)
    {
        var output = new float[remover.MaxOutput(input.Length)];
        var written = remover.Process(input, output);
        written += remover.Flush(output.AsSpan(written));
        return output[..written];
    }

    private sealed record SpikeCase(string Name, int SampleRateHz, float[] Input, int[] Zeroed);
}
