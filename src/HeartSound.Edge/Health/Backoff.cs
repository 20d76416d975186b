namespace HeartSound.Edge.Health;

/// <summary>How long to wait before each try: <paramref name="first"/>, then twice as long each time, up to <paramref name="most"/>. Not for several threads.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan most)
{
    private TimeSpan _last;

    public TimeSpan Next()
    {
        _last = _last == TimeSpan.Zero ? first : _last * 2 < most ? _last * 2 : most;
        return _last;
    }

    /// <summary>Begins with the shortest wait again.</summary>
    public void Reset() => _last = TimeSpan.Zero;
}
