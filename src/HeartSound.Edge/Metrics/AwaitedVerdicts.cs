namespace HeartSound.Edge.Metrics;

/// <summary>When the last sample of each verdict that is on its way was heard. Keeps the newest; an older one is forgotten. Thread-safe; allocates nothing.</summary>
internal sealed class AwaitedVerdicts
{
    private const int Capacity = 1024;

    private readonly Lock _gate = new();
    private readonly (long Sequence, long HeardAt)[] _verdicts = new (long, long)[Capacity];

    /// <param name="sequence">Of the verdict; 1 or more.</param>
    /// <param name="heardAt">In ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
    public void Add(long sequence, long heardAt)
    {
        lock (_gate) _verdicts[sequence % Capacity] = (sequence, heardAt);
    }

    /// <summary>Takes one out; null when it is not awaited, or not any more.</summary>
    public long? Take(long sequence)
    {
        lock (_gate)
        {
            ref var awaited = ref _verdicts[sequence % Capacity];
            if (awaited.Sequence != sequence) return null;
            awaited.Sequence = 0;
            return awaited.HeardAt;
        }
    }
}
