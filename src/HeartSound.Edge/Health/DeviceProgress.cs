namespace HeartSound.Edge.Health;

/// <summary>What the threads of the device have got done since the start: the only food of the watchdog. Thread-safe; costs an interlocked add.</summary>
/// <param name="time">By which a verdict is late; null for the system's.</param>
public sealed class DeviceProgress(TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _captured;
    private long _searches;
    private long _heard;
    private long _heardWithoutWindow;
    private long _windowDueAfter = long.MaxValue;
    private long _verdictDueAt = long.MaxValue;
    private long _queued;
    private long _delivered;

    /// <summary>Samples that came from the stethoscope.</summary>
    public long Captured => Interlocked.Read(ref _captured);

    /// <summary>Times that a stethoscope was looked for, or waited for, and the looking came to an end.</summary>
    public long Searches => Interlocked.Read(ref _searches);

    /// <summary>Samples that the pipeline has taken, windows judged and verdicts handed on included.</summary>
    public long Heard => Interlocked.Read(ref _heard);

    /// <summary>Whether more sound was heard in one piece than can be heard without a window.</summary>
    public bool IsWindowOverdue => Interlocked.Read(ref _heardWithoutWindow) > Interlocked.Read(ref _windowDueAfter);

    /// <summary>Whether a verdict was promised for a time that has passed.</summary>
    public bool IsVerdictOverdue => _time.GetTimestamp() > Interlocked.Read(ref _verdictDueAt);

    /// <summary>Verdicts that were put into the queue of the sinks.</summary>
    public long Queued => Interlocked.Read(ref _queued);

    /// <summary>Verdicts of that queue that every sink has taken or refused.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Capture thread: samples came.</summary>
    public void AddCaptured(long samples) => Interlocked.Add(ref _captured, samples);

    /// <summary>Capture thread: there is no stethoscope to listen to, or it shall not be listened to, and this thread is alive. At least every few seconds.</summary>
    public void AddSearch() => Interlocked.Increment(ref _searches);

    /// <summary>Pipeline thread: samples were worked on.</summary>
    public void AddHeard(long samples)
    {
        Interlocked.Add(ref _heardWithoutWindow, samples);
        Interlocked.Add(ref _heard, samples);
    }

    /// <summary>Pipeline thread: so many samples in one piece hold a window for certain. To be said anew for every pipeline.</summary>
    public void ExpectWindowWithin(long samples)
    {
        Interlocked.Exchange(ref _heardWithoutWindow, 0);
        Interlocked.Exchange(ref _windowDueAfter, samples);
    }

    /// <summary>Pipeline thread: a window was judged, or left out on purpose.</summary>
    public void AddWindow() => Interlocked.Exchange(ref _heardWithoutWindow, 0);

    /// <summary>Pipeline thread: samples are missing here, and the next window begins behind them.</summary>
    public void AddGap() => Interlocked.Exchange(ref _heardWithoutWindow, 0);

    /// <summary>Pipeline thread: a verdict shall have come in this time from now, whatever happens. A promise already given is replaced.</summary>
    public void ExpectVerdictWithin(TimeSpan within) => Interlocked.Exchange(ref _verdictDueAt, _time.GetTimestamp() + (long)(within.TotalSeconds * _time.TimestampFrequency));

    /// <summary>Pipeline thread: the verdict has come, or no longer will, and none is due until the next is promised.</summary>
    public void ExpectNoVerdict() => Interlocked.Exchange(ref _verdictDueAt, long.MaxValue);

    /// <summary>Any thread: a verdict is in the queue of the sinks.</summary>
    public void AddQueued() => Interlocked.Increment(ref _queued);

    /// <summary>Sinks thread: a verdict of that queue is dealt with.</summary>
    public void AddDelivered() => Interlocked.Increment(ref _delivered);
}
