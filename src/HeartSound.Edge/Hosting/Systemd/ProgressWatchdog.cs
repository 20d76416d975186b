using System.Globalization;
using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Hosting.Systemd;

/// <summary>
/// Feeds systemd's watchdog with what the device has got done, and with nothing else.
/// <code>
/// capture  ─ Captured or Searches ─┐
/// pipeline ─ Heard, windows ───────┼→ has all that has work moved since the last ping? ─ yes → WATCHDOG=1
/// verdicts ─ promised ones ────────┤                                                  └ no  → nothing; in the end Stalled, then systemd's SIGABRT
/// sinks    ─ Delivered ────────────┘
/// </code>
/// A timer <em>asks</em>, four times an interval; it never answers. What counts is compared with how it was at the last ping, not at the last question, so that a
/// thread that moved once and then hung is found. Work that does not exist cannot hang: with no stethoscope the looking for one is the progress, the pipeline is asked for
/// progress only where samples came, the sinks only where a verdict waits. Three questions in a row without a ping may pass, which forgives a slow moment; before the fourth
/// the interval is over, and systemd ends the process.
/// Thread-safe. Whoever makes it disposes it, before the threads it watches are stopped.
/// </summary>
public sealed partial class ProgressWatchdog : IDisposable
{
    public const string IntervalVariable = "WATCHDOG_USEC";
    public const string ProcessVariable = "WATCHDOG_PID";

    /// <summary>Where systemd does not say: <c>run</c> in a terminal finds a hang too.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(30);

    /// <summary>Questions an interval, one of which has to be answered with a ping.</summary>
    private const int QuestionsPerInterval = 4;

    private readonly Lock _gate = new();
    private readonly DeviceProgress _progress;
    private readonly Notifier _notifier;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private readonly TimeSpan _question;
    private Snapshot _atPing;
    private int _withoutPing;

    /// <summary>Begins to watch: what is not done from now on is missed. Make it when everything runs, just before READY.</summary>
    /// <param name="progress">Is told by the threads what they did.</param>
    /// <param name="interval">How long nothing may move before the process has to end.</param>
    /// <param name="notifier">Passes the pings on; stays the caller's.</param>
    /// <param name="time">By which it asks.</param>
    /// <param name="log">Where it is said what hangs.</param>
    public ProgressWatchdog(DeviceProgress progress, TimeSpan interval, Notifier notifier, TimeProvider time, ILogger<ProgressWatchdog> log)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        _progress = progress;
        _notifier = notifier;
        _log = log;
        _question = interval / QuestionsPerInterval;
        _atPing = Take();
        _timer = time.CreateTimer(_ => Ask(), null, _question, _question);
    }

    /// <summary>Called once, on a thread of the pool, when one question before the end of the interval something still has not moved since the last ping; with what
    /// hangs. The process should end with its own exit code; if it cannot even do that, systemd ends it.</summary>
    public event Action<string>? Stalled;

    /// <summary>The interval that systemd wants, if it wants one of this process.</summary>
    public static TimeSpan? IntervalOf(string? microseconds, string? process) =>
        (string.IsNullOrEmpty(process) || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
        && long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var interval) && interval > 0
            ? TimeSpan.FromMicroseconds(interval) : null;

    /// <summary>The interval for this process, as its environment says, else <see cref="DefaultInterval"/>.</summary>
    public static TimeSpan IntervalFromEnvironment() =>
        IntervalOf(Environment.GetEnvironmentVariable(IntervalVariable), Environment.GetEnvironmentVariable(ProcessVariable)) ?? DefaultInterval;

    public void Dispose() => _timer.Dispose();

    private void Ask()
    {
        string? stalled;
        int withoutPing;
        lock (_gate)
        {
            var now = Take();
            stalled = StalledSince(_atPing, now);
            if (stalled is null)
            {
                if (_withoutPing > 0) LogMoving();
                _withoutPing = 0;
                _atPing = now;
                _notifier.Watchdog();
                return;
            }

            withoutPing = ++_withoutPing;
        }

        var since = (_question * withoutPing).TotalSeconds;
        LogStalled(stalled, since);
        if (withoutPing != QuestionsPerInterval - 1) return;
        _notifier.Status(string.Create(CultureInfo.InvariantCulture, $"Hangs: {stalled} for {since:0} s. The device starts anew."));
        Stalled?.Invoke(stalled);
    }

    /// <summary>What should have moved and has not; null when all is well.</summary>
    private string? StalledSince(Snapshot then, Snapshot now) =>
        now.Captured == then.Captured && now.Searches == then.Searches ? "the capture thread neither delivers samples nor looks for a stethoscope"
        : now.Captured != then.Captured && now.Heard == then.Heard ? "samples come and the pipeline takes none"
        : _progress.IsWindowOverdue ? "the pipeline takes samples and makes no windows of them"
        : _progress.IsVerdictOverdue ? "a verdict is overdue"
        : now.Queued > now.Delivered && now.Delivered == then.Delivered ? "verdicts wait and no sink takes them"
        : null;

    private Snapshot Take() => new(_progress.Captured, _progress.Searches, _progress.Heard, _progress.Queued, _progress.Delivered);

    [LoggerMessage(1221, LogLevel.Warning, "The watchdog is not fed: {What}, for {Seconds} s")]
    private partial void LogStalled(string what, double seconds);

    [LoggerMessage(1222, LogLevel.Information, "The watchdog is fed again")]
    private partial void LogMoving();

    private readonly record struct Snapshot(long Captured, long Searches, long Heard, long Queued, long Delivered);
}
