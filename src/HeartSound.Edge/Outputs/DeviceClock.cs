using HeartSound.Native.LibC;

namespace HeartSound.Edge.Outputs;

/// <summary>The device's clocks, read together. Thread-safe.</summary>
/// <param name="time">Wall clock and monotonic clock.</param>
/// <param name="isSynced">Whether the wall clock can be believed; null for what the kernel, or else systemd-timesyncd, says.</param>
public sealed class DeviceClock(TimeProvider time, Func<bool?>? isSynced = null)
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>systemd-timesyncd has this folder while it runs, and makes a file in it when it has set the clock. Other time services have neither, which says nothing.</summary>
    private const string TimesyncdFolder = "/run/systemd/timesync";

    private static readonly Guid BootId = ReadBootId();

    private readonly Func<bool?> _isSynced = isSynced ?? AskTheMachine;

    public Moment Now => new(time.GetUtcNow(), time.GetTimestamp() / (double)time.TimestampFrequency, BootId, _isSynced());

    // A sandbox may not let the kernel be asked (systemd's ProtectClock); then the file may still tell.
    private static bool? AskTheMachine() => SystemFacts.IsClockSynchronized ?? (Directory.Exists(TimesyncdFolder) ? File.Exists($"{TimesyncdFolder}/synchronized") : null);

    private static Guid ReadBootId()
    {
        try
        {
            return Guid.TryParse(File.ReadAllText(BootIdFile).Trim(), out var id) ? id : Guid.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Guid.Empty;
        }
    }
}
