using BenchmarkDotNet.Attributes;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Kernels;

/// <summary>What is done once a window of 5 s.</summary>
public class WindowBenchmarks
{
    private readonly FrontEndSpec _spec = new();
    private readonly FeatureNormaliser _normaliser = new(new FrontEndSpec());
    private readonly SignalQuality _quality = new(new FrontEndSpec(), new QualityGates());
    private readonly HeartRate _heartRate = new(2000);
    private readonly float[] _wideband = Sound.Make(2000, 5);
    private readonly float[] _banded = new float[10_000];
    private readonly float[] _history;
    private readonly float[] _window;

    public WindowBenchmarks()
    {
        new BiquadCascade(Butterworth.BandPass(5, 25, 400, 2000)).Process(_wideband, _banded);
        _history = Sound.Make(2000, (double)_spec.MelBands * _spec.NormalisationFrames / 2000);
        _window = new float[_spec.MelBands * _spec.WindowFrames];
    }

    [Benchmark]
    public void FeatureNormaliser() => _normaliser.Normalise(_history, _spec.NormalisationFrames, _spec.NormalisationFrames, _window);

    [Benchmark]
    public QualityReport SignalQualityAssess() => _quality.Assess(_wideband, 2000, _wideband, _banded);

    [Benchmark]
    public void HeartRateAdd() => _heartRate.Add(_banded, 0);
}
