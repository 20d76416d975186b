namespace HeartSound.Edge.Tests.Hosting.Systemd;

/// <summary>Time that stands still until a test moves it; timers ring on the test's thread.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<Alarm> _alarms = [];
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, () => callback(state), _ticks + dueTime.Ticks, period.Ticks);
        _alarms.Add(alarm);
        return alarm;
    }

    public void Advance(TimeSpan by)
    {
        var until = _ticks + by.Ticks;
        while (_alarms.Where(a => a.Due <= until).MinBy(a => a.Due) is { } next)
        {
            _ticks = next.Due;
            next.Ring();
        }

        _ticks = until;
    }

    private sealed class Alarm(ManualTime time, Action ring, long due, long period) : ITimer
    {
        public long Due { get; private set; } = due;

        public void Ring()
        {
            Due += period;
            ring();
        }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod) => throw new NotSupportedException();

        public void Dispose() => time._alarms.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
