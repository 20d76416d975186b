using System.Diagnostics;

namespace HeartSound.Native.Gpiod;

/// <summary>
/// The times of GPIO edges on one clock. Kernels from 5.7 on stamp them by the monotonic clock; older ones, 4.9 of JetPack 4 among them, by the wall clock,
/// which may be set while a button is held. Which of the two it is shows from how far a time is away from now.
/// </summary>
internal static class KernelClock
{
    // An edge is read at most this late: the buffer holds 16, and the thread that reads waits for nothing else.
    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(1);

    /// <summary>Now, on the monotonic clock.</summary>
    public static TimeSpan Now => TimeSpan.FromSeconds(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency);

    /// <summary>The time of an edge that was just read, never after now and never older than a minute.</summary>
    public static TimeSpan ToMonotonic(ulong nanoseconds) => ToMonotonic(nanoseconds, Now, DateTime.UtcNow - DateTime.UnixEpoch);

    internal static TimeSpan ToMonotonic(ulong nanoseconds, TimeSpan monotonic, TimeSpan wall)
    {
        var time = new TimeSpan((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
        var age = monotonic - time;
        if (age.Duration() > Oldest) age = wall - time;
        if (age.Duration() > Oldest) age = TimeSpan.Zero; // the wall clock was set in between
        return age < TimeSpan.Zero ? monotonic : monotonic - age;
    }
}
