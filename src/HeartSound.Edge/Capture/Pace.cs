using System.Diagnostics;
using HeartSound.Signal;

namespace HeartSound.Edge.Capture;

/// <summary>How fast a source that is no microphone plays: as a microphone would, so many times as fast, or as fast as the pipeline takes it. Belongs to one source.</summary>
public sealed class Pace
{
    private readonly double _speed;
    private readonly bool _waitsForRoom;
    private readonly long _start = Stopwatch.GetTimestamp();

    private Pace(double speed, bool waitsForRoom)
    {
        _speed = speed;
        _waitsForRoom = waitsForRoom;
    }

    /// <summary>A second of sound takes a second, and a pipeline that is too slow loses samples, as with a microphone.</summary>
    public static Pace RealTime() => new(1, waitsForRoom: false);

    /// <summary><paramref name="speed"/> seconds of sound take a second; waits for room instead of losing samples.</summary>
    public static Pace Times(double speed) => new(speed, waitsForRoom: true);

    /// <summary>Waits for room instead of losing samples.</summary>
    public static Pace AsFastAsItGoes() => Times(double.PositiveInfinity);

    /// <summary>Waits until the stream may be <paramref name="positionSamples"/> long and the ring has room, or <paramref name="stop"/> says so.</summary>
    public void WaitUntil(long positionSamples, int sampleRateHz, SampleRing ring, int samples, CancellationToken stop)
    {
        var due = TimeSpan.FromSeconds(positionSamples / (sampleRateHz * _speed)) - Stopwatch.GetElapsedTime(_start);
        if (due > TimeSpan.Zero) stop.WaitHandle.WaitOne(due);
        if (_waitsForRoom) ring.WaitForSpace(samples, Timeout.InfiniteTimeSpan, stop);
    }
}
