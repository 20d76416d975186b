using System.Diagnostics;
using HeartSound.Signal;

namespace HeartSound.Edge.Capture;

/// <summary>How fast a source that is no microphone plays: as a microphone would, or as fast as the pipeline takes it. Belongs to one source.</summary>
public sealed class Pace
{
    private readonly bool _realTime;
    private readonly long _start = Stopwatch.GetTimestamp();

    private Pace(bool realTime) => _realTime = realTime;

    /// <summary>A second of sound takes a second, and a pipeline that is too slow loses samples, as with a microphone.</summary>
    public static Pace RealTime() => new(true);

    /// <summary>Waits for room instead of losing samples.</summary>
    public static Pace AsFastAsItGoes() => new(false);

    /// <summary>Waits until the stream may be <paramref name="positionSamples"/> long and the ring has room, or <paramref name="stop"/> says so.</summary>
    public void WaitUntil(long positionSamples, int sampleRateHz, SampleRing ring, int samples, CancellationToken stop)
    {
        if (!_realTime)
        {
            ring.WaitForSpace(samples, Timeout.InfiniteTimeSpan, stop);
            return;
        }

        var due = TimeSpan.FromSeconds((double)positionSamples / sampleRateHz) - Stopwatch.GetElapsedTime(_start);
        if (due > TimeSpan.Zero) stop.WaitHandle.WaitOne(due);
    }
}
