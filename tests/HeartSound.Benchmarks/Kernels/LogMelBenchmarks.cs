using BenchmarkDotNet.Attributes;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Kernels;

/// <summary>The frames that one window hop of 2.5 s adds, as they are made, and by the definition (a plain Fourier sum, no FFT).</summary>
public class LogMelBenchmarks
{
    private const int Frames = 78;

    private readonly FrontEndSpec _spec = new();
    private readonly LogMel _logMel = new(new FrontEndSpec());
    private readonly float[] _samples = Sound.Make(2000, 3);
    private readonly float[] _destination = new float[64 * Frames];

    [Benchmark(Baseline = true)]
    public void DefinitionScalar() => LogMelReference.Transform(_spec, _samples, Frames, _destination, Frames);

    [Benchmark]
    public void Vector() => _logMel.Transform(_samples, Frames, _destination, Frames);
}
