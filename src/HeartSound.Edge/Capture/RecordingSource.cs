using HeartSound.Edge.Recordings;
using HeartSound.Signal;

namespace HeartSound.Edge.Capture;

/// <summary>A recording in the place of a microphone.</summary>
public sealed class RecordingSource(IRecording recording, Pace pace) : ISampleSource
{
    private const double BlockSeconds = 0.02;

    public string Name => recording.Path;

    public int SampleRateHz => recording.SampleRateHz;

    public void Capture(SampleRing ring, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(ring);
        var block = new float[Math.Max(1, (int)(SampleRateHz * BlockSeconds))];
        for (long position = 0; !stop.IsCancellationRequested;)
        {
            var samples = recording.Read(block);
            if (samples == 0) return;
            position += samples;
            pace.WaitUntil(position, SampleRateHz, ring, samples, stop);
            ring.Write(block.AsSpan(0, samples));
        }
    }

    public void Dispose() => recording.Dispose();
}
