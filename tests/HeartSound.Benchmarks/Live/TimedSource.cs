using System.Diagnostics;
using HeartSound.Edge.Capture;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Live;

/// <summary>A simulated heart in real time, in blocks of 20 ms as a sound card gives them, that remembers when each block was there. Ends by itself.</summary>
internal sealed class TimedSource : ISampleSource
{
    private const double BlockSeconds = 0.02;

    private readonly float[] _sound;
    private readonly long[] _arrivals;

    public TimedSource(int sampleRateHz, double seconds)
    {
        SampleRateHz = sampleRateHz;
        BlockSamples = (int)(BlockSeconds * sampleRateHz);
        _arrivals = new long[(int)(seconds / BlockSeconds)];
        _sound = new float[_arrivals.Length * BlockSamples];
        new Simulator(new SimulatorOptions { SampleRateHz = sampleRateHz }).Read(_sound);
    }

    public string Name => "simulated heart";

    public int SampleRateHz { get; }

    public int BlockSamples { get; }

    public int Blocks => _arrivals.Length;

    /// <summary>When block <paramref name="block"/> was there, in ticks of <see cref="Stopwatch"/>.</summary>
    public long Arrival(long block) => _arrivals[block];

    public ReadOnlySpan<float> Block(int block) => _sound.AsSpan(block * BlockSamples, BlockSamples);

    public void Capture(SampleRing ring, CancellationToken stop)
    {
        var pace = Pace.RealTime();
        for (var block = 0; block < Blocks && !stop.IsCancellationRequested; block++)
        {
            pace.WaitUntil((long)(block + 1) * BlockSamples, SampleRateHz, ring, BlockSamples, stop);
            _arrivals[block] = Stopwatch.GetTimestamp();
            ring.Write(Block(block));
        }
    }

    public void Dispose()
    {
    }
}
