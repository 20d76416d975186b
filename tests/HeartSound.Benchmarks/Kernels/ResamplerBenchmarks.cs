using BenchmarkDotNet.Attributes;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Kernels;

/// <summary>One second of sound down to 2 kHz, a stream.</summary>
public class ResamplerBenchmarks
{
    private float[] _input = [];
    private float[] _output = [];
    private Resampler _resampler = new(4000, 2000);

    [Params(4000, 16000, 44100, 48000)]
    public int SourceHz { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _input = Sound.Make(SourceHz, 1);
        _resampler = new Resampler(SourceHz, 2000);
        _output = new float[_resampler.MaxOutput(_input.Length)];
    }

    [Benchmark]
    public int OneSecond() => _resampler.Process(_input, _output);
}
