namespace HeartSound.Signal.Tests;

public sealed class FrontEndTests
{
    [Theory]
    [InlineData(2000)]
    [InlineData(44100)]
    public void Listen_SpikesRemovedAndAnyChunking_GivesTheSameBitsAndEveryWindow(int sourceRateHz)
    {
        var spec = new FrontEndSpec { RemoveSpikes = true };
        var samples = Heart(20, sourceRateHz);
        var expected = Hear(spec, sourceRateHz, samples, samples.Length);
        Assert.Equal([0, 2.496, 4.992, 7.488, 10, 12.496, 14.992], expected.Select(w => w.Start)); // 5 s every 2.5 s, down to the 16 ms of the frame grid

        foreach (var chunk in new[] { 1, 333, 20000 })
        {
            var windows = Hear(spec, sourceRateHz, samples, chunk);
            Assert.Equal(expected.Select(w => w.Start), windows.Select(w => w.Start));
            for (var w = 0; w < windows.Count; w++) Assert.Equal(expected[w].Features, windows[w].Features);
        }
    }

    [Fact]
    public void Listen_WindowShapes_AreTheSpecs()
    {
        var spec = new FrontEndSpec { SampleRateHz = 4000, MelBands = 40, WindowSeconds = 3, WindowHopSeconds = 1.5, HopSamples = 64 };
        var seen = 0;
        var frontEnd = new FrontEnd(spec, 8000, (in window) =>
        {
            seen++;
            Assert.Equal(spec.MelBands * spec.WindowFrames, window.Features.Length);
            Assert.Equal(12000, window.Wideband.Length);
            Assert.Equal(12000, window.Banded.Length);
            Assert.Equal(24000, window.Source.Length);
            Assert.Equal(3, window.EndSeconds - window.StartSeconds, 9);
        });
        frontEnd.Listen(Heart(10, 8000));
        frontEnd.Complete();

        Assert.Equal(5, seen);
    }

    [Fact]
    public void Listen_DamageToldInPieces_IsOneGap()
    {
        var frontEnd = new FrontEnd(new FrontEndSpec(), 2000, (in _) => { });
        frontEnd.Listen([float.NaN]);
        frontEnd.Listen([float.NaN, float.PositiveInfinity]);
        frontEnd.MarkGap(100);
        frontEnd.Listen([0.1f, float.NaN, 0.1f]);

        Assert.Equal(2, frontEnd.Gaps);
        Assert.Equal(4, frontEnd.FaultySamples);
        Assert.Equal(106, frontEnd.PositionSamples);
    }

    [Fact]
    public void StartStretch_NothingFromBefore_IsInTheWindowsBehind()
    {
        var loud = Heart(7, 2000).Select(s => s * 3).ToArray();
        var quiet = Heart(6, 2000);
        var expected = Hear(new FrontEndSpec(), 2000, quiet, 500);
        var windows = new List<float[]>();
        var frontEnd = new FrontEnd(new FrontEndSpec(), 2000, (in window) => windows.Add(window.Features.ToArray()));
        frontEnd.Listen(loud);
        windows.Clear();

        frontEnd.StartStretch();
        frontEnd.Listen(quiet);
        frontEnd.Complete();

        Assert.Equal(Assert.Single(expected).Features, Assert.Single(windows));
        Assert.Equal(0, frontEnd.Gaps);
    }

    [Fact]
    public void Constructor_UnsoundSpec_NamesEveryFault()
    {
        var error = Assert.Throws<ArgumentException>(() => new FrontEnd(new FrontEndSpec { MelBands = 1, BandOrder = 0 }, 2000, (in _) => { }));

        Assert.Contains("melBands", error.Message, StringComparison.Ordinal);
        Assert.Contains("bandOrder", error.Message, StringComparison.Ordinal);
    }

    private static List<(double Start, float[] Features)> Hear(FrontEndSpec spec, int sourceRateHz, float[] samples, int chunk)
    {
        var windows = new List<(double, float[])>();
        var frontEnd = new FrontEnd(spec, sourceRateHz, (in window) => windows.Add((window.StartSeconds, window.Features.ToArray())));
        for (var at = 0; at < samples.Length; at += chunk) frontEnd.Listen(samples.AsSpan(at, Math.Min(chunk, samples.Length - at)));
        frontEnd.Complete();
        return windows;
    }

    private static float[] Heart(int seconds, int sampleRateHz)
    {
        var samples = new float[seconds * sampleRateHz];
        new HeartSound.Signal.Simulator(new SimulatorOptions { SampleRateHz = sampleRateHz }).Read(samples);
        return samples;
    }
}
