namespace HeartSound.Edge.Fleet;

/// <summary>What a simulated fleet has done so far. Thread-safe.</summary>
internal sealed class FleetCounters
{
    private int _connected;
    private long _connects;
    private long _failures;
    private long _sent;
    private long _received;
    private long _liveSent;
    private long _liveReceived;
    private long _heldBack;

    /// <summary>Devices that a broker has taken.</summary>
    public int Connected => Volatile.Read(ref _connected);

    /// <summary>Times that a broker took a client.</summary>
    public long Connects => Interlocked.Read(ref _connects);

    /// <summary>Attempts that failed, and connections that ended by themselves.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Why the last of them did.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>Messages of all kinds that devices sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Messages of all kinds that consumers got.</summary>
    public long Received => Interlocked.Read(ref _received);

    public long LiveSent => Interlocked.Read(ref _liveSent);

    public long LiveReceived => Interlocked.Read(ref _liveReceived);

    /// <summary>Verdicts that were not made because too many of the device's waited already.</summary>
    public long HeldBack => Interlocked.Read(ref _heldBack);

    /// <summary>From a verdict's making to its first arrival.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>The same of what is heard right now.</summary>
    public LatencyHistogram LiveLatency { get; } = new();

    public void AddDevice(int change) => Interlocked.Add(ref _connected, change);

    public void AddConnect() => Interlocked.Increment(ref _connects);

    public void AddFailure(string why)
    {
        LastFailure = why;
        Interlocked.Increment(ref _failures);
    }

    public void AddSent(int messages = 1) => Interlocked.Add(ref _sent, messages);

    public void AddLiveSent()
    {
        Interlocked.Increment(ref _liveSent);
        Interlocked.Increment(ref _sent);
    }

    public void AddReceived() => Interlocked.Increment(ref _received);

    public void AddLiveReceived(double milliseconds)
    {
        Interlocked.Increment(ref _liveReceived);
        LiveLatency.Add(milliseconds);
    }

    public void AddHeldBack() => Interlocked.Increment(ref _heldBack);
}
