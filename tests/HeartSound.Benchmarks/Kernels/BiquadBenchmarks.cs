using BenchmarkDotNet.Attributes;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Kernels;

/// <summary>The five sections of the default band-pass over one second at 2 kHz: as they are used, and their scalar specification.</summary>
public class BiquadBenchmarks
{
    private readonly BiquadGroup _group = new(Butterworth.BandPass(5, 25, 400, 2000));
    private readonly BiquadCascade _cascade = new(Butterworth.BandPass(5, 25, 400, 2000));
    private readonly float[] _input = Sound.Make(2000, 1);
    private readonly float[] _output = new float[2000];
    private readonly double[] _values = new double[2000];

    [Benchmark(Baseline = true)]
    public void GroupScalar()
    {
        Fill();
        _group.ProcessScalar(_values);
    }

    [Benchmark]
    public void GroupVector()
    {
        Fill();
        _group.ProcessVector(_values);
    }

    [Benchmark]
    public void Cascade() => _cascade.Process(_input, _output);

    // In place over its own output the signal would die away into denormal numbers.
    private void Fill()
    {
        for (var i = 0; i < _values.Length; i++) _values[i] = _input[i];
    }
}
