namespace HeartSound.Signal.Tests.Features;

public class LogMelTests
{
    private static readonly FrontEndSpec Default = new();

    public static TheoryData<string> GoldenCases()
    {
        var names = new TheoryData<string>();
        foreach (var item in GoldenFeatures.Load("log_mel.json").GetProperty("cases").EnumerateArray()) names.Add(item.GetProperty("name").GetString()!);
        return names;
    }

    [Theory]
    [MemberData(nameof(GoldenCases))]
    public void Transform_GoldenSignal_EqualsTorchaudio(string name)
    {
        var golden = GoldenFeatures.Load("log_mel.json");
        var item = golden.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var spec = item.Spec(golden.GetProperty("logFloor").GetDouble());
        var frames = item.GetProperty("frames").GetInt32();
        var expected = item.Floats("logMel");

        var actual = Transform(spec, item.Floats("samples"), frames);

        // Both are double up to the logarithm; what is left is the logarithm's and the result's float32: 2 ulp near −23 are 4e-6.
        Assert.Equal(0, WorstDifference(expected, actual), 5e-6);
    }

    public static TheoryData<int, int, int, int, int> Specs() => new()
    {
        // rate, fft, frame, hop, bands
        { 2000, 512, 256, 32, 64 },
        { 4000, 1024, 400, 80, 128 },
        { 1000, 64, 64, 1, 8 },
        { 1000, 64, 16, 16, 8 },
        { 2000, 256, 256, 64, 32 },
        { 2000, 128, 101, 33, 16 },
        { 16000, 4096, 4096, 1024, 80 },
        { 16000, 4096, 1000, 999, 256 },
    };

    [Theory]
    [MemberData(nameof(Specs))]
    public void Transform_AnyFrameCount_EqualsScalarReference(int rate, int fft, int frame, int hop, int bands)
    {
        var spec = Spec(rate, fft, frame, hop, bands);
        foreach (var frames in new[] { 0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 257 })
        {
            if ((long)frames * frame * fft / 2 > 30_000_000) continue; // the reference would take seconds; longer calls of these specs are left to the test below
            var samples = Noise(new LogMel(spec).SamplesFor(frames), frames);
            var expected = new float[bands * frames];
            LogMelReference.Transform(spec, samples, frames, expected, frames);

            Assert.Equal(0, WorstDifference(expected, Transform(spec, samples, frames)), 5e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Specs))]
    public void Transform_AnySplitIntoCalls_IsBitIdentical(int rate, int fft, int frame, int hop, int bands)
    {
        var spec = Spec(rate, fft, frame, hop, bands);
        const int Frames = 100;
        var mel = new LogMel(spec);
        var samples = Noise(mel.SamplesFor(Frames), 7);
        var whole = Transform(spec, samples, Frames);
        var random = new Random(5);
        for (var round = 0; round < 3; round++)
        {
            var pieces = new float[bands * Frames];
            for (var done = 0; done < Frames;)
            {
                var count = Math.Min(round == 0 ? 1 : random.Next(0, 70), Frames - done);
                mel.Transform(samples.AsSpan(done * hop), count, pieces.AsSpan(done), Frames);
                done += count;
            }

            Assert.Equal(Bits(whole), Bits(pieces));
        }
    }

    [Fact]
    public void Transform_LoudFrameBesideQuietOne_LeavesItsBitsAlone()
    {
        var spec = Default with { HopSamples = 256 };
        var quiet = Noise(new LogMel(spec).SamplesFor(9), 3);
        var loud = quiet.ToArray();
        loud.AsSpan(5 * 256 + 128, 256).Fill(1e9f); // all of frame 5, and nothing of the others

        var (a, b) = (Transform(spec, quiet, 9), Transform(spec, loud, 9));

        for (var i = 0; i < a.Length; i++) Assert.Equal(i % 9 != 5, BitConverter.SingleToInt32Bits(a[i]) == BitConverter.SingleToInt32Bits(b[i]));
    }

    [Fact]
    public void Transform_Silence_IsLogFloor()
    {
        var features = Transform(Default, new float[Default.FftSamples], 1);

        Assert.All(features, value => Assert.Equal(Math.Log(Default.LogFloor), value, 4e-6));
    }

    [Fact]
    public void Transform_WiderStride_WritesOnlyItsFrames()
    {
        var mel = new LogMel(Default);
        var samples = Noise(mel.SamplesFor(11), 4);
        var destination = new float[(Default.MelBands - 1) * 20 + 11];
        Array.Fill(destination, 99);

        mel.Transform(samples, 11, destination, 20);

        var dense = Transform(Default, samples, 11);
        for (var i = 0; i < destination.Length; i++) Assert.Equal(i % 20 < 11 ? dense[i / 20 * 11 + i % 20] : 99, destination[i]);
    }

    [Fact]
    public void Transform_TooLittleRoom_ThrowsArgumentException()
    {
        var mel = new LogMel(Default);
        var samples = new float[mel.SamplesFor(3)];

        Assert.Throws<ArgumentException>("samples", () => mel.Transform(samples.AsSpan(1), 3, new float[192], 3));
        Assert.Throws<ArgumentException>("destination", () => mel.Transform(samples, 3, new float[191], 3));
        Assert.Throws<ArgumentOutOfRangeException>("stride", () => mel.Transform(samples, 3, new float[192], 2));
        Assert.Throws<ArgumentOutOfRangeException>("frames", () => mel.Transform(samples, -1, new float[192], 3));
    }

    [Fact]
    public void Constructor_SpecWithFaults_NamesThem()
    {
        var error = Assert.Throws<ArgumentException>(() => new LogMel(Default with { FftSamples = 500, MelBands = 3 }));

        Assert.Contains("frontEnd.fftSamples is 500", error.Message, StringComparison.Ordinal);
        Assert.Contains("frontEnd.melBands is 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_ThousandWindows_AllocatesNothing()
    {
        var spec = Default with { WindowSeconds = 1, WindowHopSeconds = 0.5 };
        var mel = new LogMel(spec);
        var normaliser = new FeatureNormaliser(spec);
        var frames = spec.WindowFrames;
        var samples = Noise(mel.SamplesFor(frames), 1);
        var (features, window) = (new float[spec.MelBands * frames], new float[spec.MelBands * frames]);
        void Window()
        {
            mel.Transform(samples, frames, features, frames);
            normaliser.Normalise(features, frames, frames, window);
        }

        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++) Window();
        }));
    }

    private static FrontEndSpec Spec(int rate, int fft, int frame, int hop, int bands) => new()
    {
        SampleRateHz = rate,
        FftSamples = fft,
        FrameSamples = frame,
        HopSamples = hop,
        MelBands = bands,
        MelHighHz = rate / 2.0,
        WindowSeconds = 30,
        NormalisationSeconds = 30,
    };

    private static float[] Noise(int samples, int seed)
    {
        var random = new Random(seed);
        var noise = new float[samples];
        foreach (ref var sample in noise.AsSpan()) sample = (float)(random.NextDouble() - 0.5);
        return noise;
    }

    private static float[] Transform(FrontEndSpec spec, float[] samples, int frames)
    {
        var features = new float[spec.MelBands * frames];
        new LogMel(spec).Transform(samples, frames, features, frames);
        return features;
    }

    private static double WorstDifference(float[] expected, float[] actual) => expected.Length == 0 ? 0 : expected.Zip(actual, (e, a) => Math.Abs((double)e - a)).Max();

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
