namespace HeartSound.Edge.Hosting;

/// <summary>Something that lasts for a while: it ends by a clock that nobody sets, and says when by the wall clock. Not thread-safe.</summary>
internal sealed class Spell(TimeProvider time)
{
    /// <summary>What is more than this was done to the wall clock by somebody.</summary>
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(2);

    private long _from;
    private TimeSpan _duration;
    private DateTimeOffset _until;

    /// <summary>Whether it is not over.</summary>
    public bool Lasts => _duration > TimeSpan.Zero && time.GetElapsedTime(_from) < _duration;

    /// <summary>When it ends; null when it is over. The same at every look, but for a wall clock that was set.</summary>
    public DateTimeOffset? Until
    {
        get
        {
            if (!Lasts) return null;
            var until = time.GetUtcNow() + _duration - time.GetElapsedTime(_from);
            if ((until - _until).Duration() > ClockStep) _until = until;
            return _until;
        }
    }

    /// <summary>From now on; zero ends it.</summary>
    public void Begin(TimeSpan duration)
    {
        _from = time.GetTimestamp();
        _duration = duration;
        _until = time.GetUtcNow() + duration;
    }
}
