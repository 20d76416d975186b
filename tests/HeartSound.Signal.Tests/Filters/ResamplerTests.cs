namespace HeartSound.Signal.Tests.Filters;

public sealed class ResamplerTests
{
    // Every source rate of the issue and the odd ones, to the rates that specs use; 44,101 Hz interpolates its table.
    public static TheoryData<int, int> Rates => new()
    {
        { 4000, 2000 }, { 8000, 2000 }, { 11025, 2000 }, { 16000, 2000 }, { 22050, 2000 }, { 32000, 2000 }, { 44100, 2000 },
        { 48000, 2000 }, { 96000, 2000 }, { 192000, 2000 }, { 48000, 1000 }, { 2000, 4000 }, { 1000, 2000 }, { 44100, 4000 },
        { 22050, 16000 }, { 11025, 16000 }, { 44101, 2000 }, { 7919, 4000 }, { 15999, 16000 }, { 191999, 2000 }, { 500, 16000 },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void Process_TonesOfThePassBand_KeepAmplitudeAndTime(int source, int target)
    {
        var nyquist = Math.Min(source, target) / 2.0;
        foreach (var fraction in new[] { 0.025, 0.2, 0.4, 0.6, 0.8 })
        {
            var frequency = fraction * nyquist;
            var output = Resample(Tone(frequency, source, source / 2), source, target);
            var worst = WorstInside(output, n => Math.Sin(2 * Math.PI * frequency * n / target));
            // 0.0012 of the amplitude is 0.01 dB, and a delay of 0.0012 rad: the promise of 0.1 dB leaves room.
            Assert.True(worst < 0.0012, $"{frequency} Hz is off by {worst}");
        }
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Process_TonesAboveTheOutputsNyquist_AreNinetyDecibelsDown(int source, int target)
    {
        if (source <= target) return; // nothing lies there
        var frequencies = new List<double>();
        foreach (var factor in new[] { 1.0, 1.01, 1.05, 1.2, 1.5, 1.9, 2, 2.9, 3.3, 5.1, 10.7, 30.3 })
            if (factor * target < source) frequencies.Add(factor * target / 2);
        foreach (var frequency in frequencies)
        {
            var output = Resample(Tone(frequency, source, source / 2), source, target);
            var worst = WorstInside(output, _ => 0);
            Assert.True(worst < 3.2e-5, $"{frequency} Hz leaks {20 * Math.Log10(worst):F1} dB"); // −90 dB
        }
    }

    [Theory]
    [InlineData(1000, 2000)]
    [InlineData(2000, 4000)]
    [InlineData(15999, 16000)]
    [InlineData(500, 16000)]
    public void Process_UpwardsImages_AreNinetyDecibelsDown(int source, int target)
    {
        // Energy beyond the tone itself: what remains after its least-squares fit.
        var frequency = 0.4 * source;
        var output = Resample(Tone(frequency, source, source), source, target);
        Assert.True(WorstInside(output, n => Math.Sin(2 * Math.PI * frequency * n / target)) < 1.2e-3);
        var (sine, cosine) = Fit(output, frequency, target);
        var worst = WorstInside(output, n => sine * Math.Sin(2 * Math.PI * frequency * n / target) + cosine * Math.Cos(2 * Math.PI * frequency * n / target));
        Assert.True(worst < 3.2e-5, $"images at {20 * Math.Log10(worst):F1} dB");
    }

    [Fact]
    public void Process_TonesOfThePassBand_EqualScipysResamplePoly()
    {
        var cases = Golden.Cases<ResampleCase>("resampler.json");
        Assert.NotEmpty(cases);
        foreach (var c in cases)
        {
            var output = Resample(c.Input, c.SourceRateHz, c.TargetRateHz);
            Assert.Equal(c.Output.Length, output.Length);
            // Our ripple of a 92 dB design is 2.5e-5 a tone; the tones sum to at most 1.
            for (var n = 0; n < output.Length; n++) Assert.Equal(c.Output[n], output[n], 5e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Process_AnyChunking_GivesTheSameBitsAndLength(int source, int target)
    {
        var input = Noise.Make(source / 2 + 12_345, seed: source);
        var whole = Resample(input, source, target);
        Assert.Equal((int)(((long)input.Length * target + source - 1) / source), whole.Length);
        for (var seed = 0; seed < 3; seed++) Assert.Equal(whole, Chunked(input, source, target, seed));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
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
    public void Flush_ShortStreams_GiveTheCeilingOfTheirLength(int samples)
    {
        foreach (var (source, target) in new[] { (4000, 2000), (48000, 2000), (44100, 2000), (44100, 4000), (192000, 7000), (1000, 2000), (44101, 2000), (2000, 2000) })
        {
            // Room for exactly that many is room enough.
            var resampler = new Resampler(source, target);
            var output = new float[((long)samples * target + source - 1) / source];
            var written = resampler.Process(Noise.Make(samples, 1), output);
            Assert.Equal(output.Length, written + resampler.Flush(output.AsSpan(written)));
        }
    }

    [Fact]
    public void Process_EqualRates_PassesBitsThrough()
    {
        var input = Noise.Make(1000, 5);
        Assert.Equal(input, Resample(input, 2000, 2000));
        Assert.Equal(0, new Resampler(2000, 2000).LatencySeconds);
    }

    [Fact]
    public void Process_Constant_StaysConstant()
    {
        var input = new float[44100];
        Array.Fill(input, 0.25f);
        // Sums of about 1,300 products in single precision.
        Assert.True(WorstInside(Resample(input, 44100, 2000), _ => 0.25) < 1e-6);
    }

    [Theory]
    [InlineData(48000, 2000)]
    [InlineData(44101, 2000)]
    [InlineData(1000, 2000)]
    public void LatencySeconds_IsWhatAnOutputSampleWaitsFor(int source, int target)
    {
        var resampler = new Resampler(source, target);
        var output = new float[resampler.MaxOutput(1)];
        var fed = 0;
        while (resampler.Process([1f], output) == 0) fed++;
        // Output 0 lies at time 0 and leaves with the sample at the latency.
        Assert.Equal(resampler.LatencySeconds, (double)fed / source, 9);
    }

    [Fact]
    public void Flush_ThenAnotherStream_IsAsFresh()
    {
        var input = Noise.Make(5000, 7);
        var resampler = new Resampler(11025, 2000);
        var first = Run(resampler, input);
        Assert.Equal(first, Run(resampler, input));
    }

    [Fact]
    public void Process_OutputTooShort_ThrowsAndTakesNothing()
    {
        var input = Noise.Make(3000, 3);
        var resampler = new Resampler(4000, 2000);
        Assert.Throws<ArgumentException>(() => resampler.Process(input, new float[10]));
        Assert.Equal(Resample(input, 4000, 2000), Run(resampler, input));
    }

    [Theory]
    [InlineData(499, 2000, "source")]
    [InlineData(192001, 2000, "source")]
    [InlineData(2000, 0, "target")]
    [InlineData(2000, -5, "target")]
    public void Supports_RateOutOfRange_NamesIt(int source, int target, string name)
    {
        Assert.False(Resampler.Supports(source, target, out var why));
        Assert.Contains(name, why, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Resampler(source, target));
    }

    [Fact]
    public void Process_Steady_AllocatesNothing()
    {
        foreach (var source in new[] { 48000, 44101 })
        {
            var resampler = new Resampler(source, 2000);
            var input = Noise.Make(1024, 1);
            var output = new float[resampler.MaxOutput(input.Length)];
            Assert.Equal(0, Allocation.Of(() =>
            {
                for (var i = 0; i < 1000; i++) resampler.Process(input, output);
                resampler.Flush(output);
            }));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(96)]
    [InlineData(1408)]
    public void Dot_EveryVersion_AgreesToTheBit(int length)
    {
        // Another order of summation gives the same bits now and then: many inputs.
        for (var seed = 0; seed < 50; seed++)
        {
            var a = Noise.Make(length, seed);
            var b = Noise.Make(length + 1, seed + 1).AsSpan(1); // unaligned
            var expected = BitConverter.SingleToInt32Bits(ResamplerKernel.DotScalar(a, b));
            Assert.Equal(expected, BitConverter.SingleToInt32Bits(ResamplerKernel.Dot128(a, b)));
            Assert.Equal(expected, BitConverter.SingleToInt32Bits(ResamplerKernel.Dot256(a, b)));
            Assert.Equal(expected, BitConverter.SingleToInt32Bits(ResamplerKernel.Dot(a, b)));
            var exact = 0.0;
            for (var i = 0; i < length; i++) exact += (double)a[i] * b[i];
            Assert.Equal(exact, ResamplerKernel.DotScalar(a, b), 1e-4);
        }
    }

    private static float[] Tone(double frequency, int rate, int samples)
    {
        var tone = new float[samples];
        for (var i = 0; i < samples; i++) tone[i] = (float)Math.Sin(2 * Math.PI * frequency * i / rate);
        return tone;
    }

    private static float[] Resample(float[] input, int source, int target) => Run(new Resampler(source, target), input);

    private static float[] Run(Resampler resampler, float[] input)
    {
        var output = new float[resampler.MaxOutput(input.Length)];
        var written = resampler.Process(input, output);
        written += resampler.Flush(output.AsSpan(written));
        return output[..written];
    }

    private static float[] Chunked(float[] input, int source, int target, int seed)
    {
        var resampler = new Resampler(source, target);
        var output = new List<float>();
        foreach (var chunk in Noise.Cut(input, seed))
        {
            var block = new float[resampler.MaxOutput(chunk.Length)];
            output.AddRange(block[..resampler.Process(chunk, block)]);
        }

        var tail = new float[resampler.MaxOutput(0)];
        output.AddRange(tail[..resampler.Flush(tail)]);
        return [.. output];
    }

    // The largest error away from the ends, where the tone is cut off.
    private static double WorstInside(float[] output, Func<int, double> expected)
    {
        var worst = 0.0;
        for (var n = output.Length / 4; n < output.Length * 3 / 4; n++) worst = Math.Max(worst, Math.Abs(output[n] - expected(n)));
        return worst;
    }

    private static (double Sine, double Cosine) Fit(float[] output, double frequency, int rate)
    {
        double ss = 0, sc = 0, cc = 0, sy = 0, cy = 0;
        for (var n = output.Length / 4; n < output.Length * 3 / 4; n++)
        {
            var (s, c) = Math.SinCos(2 * Math.PI * frequency * n / rate);
            ss += s * s;
            sc += s * c;
            cc += c * c;
            sy += s * output[n];
            cy += c * output[n];
        }

        var determinant = ss * cc - sc * sc;
        return ((sy * cc - cy * sc) / determinant, (cy * ss - sy * sc) / determinant);
    }

    private sealed record ResampleCase(int SourceRateHz, int TargetRateHz, float[] Input, double[] Output);
}
