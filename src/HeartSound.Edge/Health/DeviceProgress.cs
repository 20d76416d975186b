namespace HeartSound.Edge.Health;

/// <summary>What the threads of the device have got done since the start: the only food of the watchdog. Thread-safe; costs an interlocked add.</summary>
public sealed class DeviceProgress
{
    private long _captured;
    private long _searches;
    private long _heard;

    /// <summary>Samples that came from the stethoscope.</summary>
    public long Captured => Interlocked.Read(ref _captured);

    /// <summary>Times that a stethoscope was looked for, or waited for, and the looking came to an end.</summary>
    public long Searches => Interlocked.Read(ref _searches);

    /// <summary>Samples that the pipeline has taken, windows judged and verdicts handed on included.</summary>
    public long Heard => Interlocked.Read(ref _heard);

    /// <summary>Capture thread: samples came.</summary>
    public void AddCaptured(long samples) => Interlocked.Add(ref _captured, samples);

    /// <summary>Capture thread: there is no stethoscope to listen to, and this thread is alive and looking for one.</summary>
    public void AddSearch() => Interlocked.Increment(ref _searches);

    /// <summary>Pipeline thread: samples were worked on.</summary>
    public void AddHeard(long samples) => Interlocked.Add(ref _heard, samples);
}
