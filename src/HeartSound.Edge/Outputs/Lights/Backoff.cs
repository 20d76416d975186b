namespace HeartSound.Edge.Outputs.Lights;

/// <summary>How long to wait before trying again: 1 s, 2 s, 4 s … up to a minute, for ever. Not thread-safe.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private TimeSpan _next = First;

    /// <summary>It failed again.</summary>
    public TimeSpan Next()
    {
        var wait = _next;
        _next = wait * 2 < Longest ? wait * 2 : Longest;
        return wait;
    }

    /// <summary>It worked.</summary>
    public void Reset() => _next = First;
}
