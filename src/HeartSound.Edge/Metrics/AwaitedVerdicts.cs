namespace HeartSound.Edge.Metrics;

/// <summary>When the last sample of each verdict that is on its way was heard. Keeps the newest; an older one is forgotten. Thread-safe; allocates nothing.</summary>
internal sealed class AwaitedVerdicts
{
    private const int Capacity = 1024;

    private readonly Lock _gate = new();
    private readonly (Guid Verdict, long HeardAt)[] _verdicts = new (Guid, long)[Capacity];
    private int _next;

    /// <param name="verdict">Its id.</param>
    /// <param name="heardAt">In ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
    public void Add(Guid verdict, long heardAt)
    {
        lock (_gate)
        {
            _verdicts[_next] = (verdict, heardAt);
            _next = (_next + 1) % Capacity;
        }
    }

    /// <summary>Takes one out; null when it is not awaited, or not any more.</summary>
    public long? Take(Guid verdict)
    {
        lock (_gate)
        {
            foreach (ref var awaited in _verdicts.AsSpan())
            {
                if (awaited.Verdict != verdict) continue;
                awaited.Verdict = default;
                return awaited.HeardAt;
            }

            return null;
        }
    }
}
