using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace HeartSound.Signal.Tests.Quality;

/// <summary>Against tests/golden/quality/make.py: numpy, float64, plain sums.</summary>
public sealed class QualityGoldenTests
{
    public static TheoryData<string> Cases() => [.. Read().GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Assess_GoldenWindow_MeasuresWhatNumpyDoes(string name)
    {
        var golden = Read().GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var pcm = MemoryMarshal.Cast<byte, short>(golden.GetProperty("pcm16").GetBytesFromBase64());
        var samples = new float[pcm.Length];
        for (var i = 0; i < samples.Length; i++) samples[i] = pcm[i] / 32768f;
        var spec = new FrontEndSpec();
        var banded = new float[samples.Length];
        new BiquadCascade(Butterworth.BandPass(spec.BandOrder, spec.BandLowHz, spec.BandHighHz, spec.SampleRateHz)).Process(samples, banded);

        var report = new SignalQuality(spec, new QualityGates()).Assess(samples, spec.SampleRateHz, samples, banded);
        var bpm = new HeartSound.Signal.HeartRate(spec.SampleRateHz).Of(banded).BeatsPerMinute;

        // Sums of floats differ from sums of doubles by 1e-6 or so; the ratio and the correlation of a weak band magnify that.
        var expected = golden.GetProperty("expected");
        void Same(string property, double actual, double tolerance) => Assert.InRange(actual - expected.GetProperty(property).GetDouble(), -tolerance, tolerance);
        Same("levelDb", report.LevelDb, 1e-3);
        Same("peakDb", report.PeakDb, 1e-3);
        Same("clippedFraction", report.ClippedFraction, 2.0 / samples.Length); // a sample on the very edge
        Same("flatFraction", report.FlatFraction, 1e-9);
        Same("inBandRatioDb", report.InBandRatioDb, 1e-2);
        Same("meanFrequencyHz", report.MeanFrequencyHz, 1e-2);
        Same("spikeRatio", report.SpikeRatio, 1e-3);
        Same("contrastDb", report.ContrastDb, 1e-3);
        Same("beatContrastDb", report.BeatContrastDb, 1e-3);
        Same("pauseSeconds", report.PauseSeconds, 0.0101); // a value on the very edge
        Same("periodicity", report.Periodicity, 1e-4);
        Same("score", report.Score, 1e-3);
        Assert.InRange(bpm!.Value - expected.GetProperty("beatsPerMinute").GetDouble(), -0.01, 0.01);
    }

    private static JsonElement Read([CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "golden", "quality", "quality.json");
        return JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path));
    }
}
