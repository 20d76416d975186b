namespace HeartSound.Edge.Remote;

/// <summary>So many at once, and so many a second in the long run. Not thread-safe.</summary>
/// <param name="time">The monotonic clock.</param>
/// <param name="atOnce">How many it holds.</param>
/// <param name="perSecond">How fast it fills.</param>
internal sealed class TokenBucket(TimeProvider time, double atOnce, double perSecond)
{
    private double _tokens = atOnce;
    private long _at = time.GetTimestamp();

    public bool TryTake()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(atOnce, _tokens + time.GetElapsedTime(_at, now).TotalSeconds * perSecond);
        _at = now;
        if (_tokens < 1) return false;
        _tokens--;
        return true;
    }
}
