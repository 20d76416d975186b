using HeartSound.Edge.Health;
using HeartSound.Signal;

namespace HeartSound.Edge.Capture;

/// <summary>A simulated heart in the place of a microphone, without an end.</summary>
/// <param name="options">Of the heart.</param>
/// <param name="pace">How fast it beats.</param>
/// <param name="progress">Is told what came, as by a stethoscope; null where nobody watches.</param>
public sealed class SimulatorSource(SimulatorOptions options, Pace pace, DeviceProgress? progress = null) : ISampleSource
{
    private const double BlockSeconds = 0.02;
    private readonly Simulator _simulator = new(options);

    public string Name => "simulated heart";

    public int SampleRateHz => options.SampleRateHz;

    public void Capture(SampleRing ring, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(ring);
        var block = new float[Math.Max(1, (int)(SampleRateHz * BlockSeconds))];
        for (long position = 0; !stop.IsCancellationRequested;)
        {
            _simulator.Read(block);
            position += block.Length;
            pace.WaitUntil(position, SampleRateHz, ring, block.Length, stop);
            ring.Write(block);
            progress?.AddCaptured(block.Length);
        }
    }

    public void Dispose()
    {
    }
}
