namespace HeartSound.Edge.Remote;

/// <summary>So many at once, and so many a second in the long run. Not thread-safe.</summary>
/// <param name="time">The monotonic clock.</param>
/// <param name="atOnce">How many it holds.</param>
/// <param name="perSecond">How fast it fills.</param>
internal sealed class TokenBucket(TimeProvider time, double atOnce, double perSecond)
{
    private double _taken; // of those that it holds when it is full
    private long? _at;

    public bool TryTake()
    {
        var now = time.GetTimestamp();
        if (_at is { } before) _taken = Math.Max(0, _taken - time.GetElapsedTime(before, now).TotalSeconds * perSecond);
        _at = now;
        if (_taken > atOnce - 1) return false;
        _taken++;
        return true;
    }
}
