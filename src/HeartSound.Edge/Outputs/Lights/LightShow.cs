using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>
/// Plays what the device has to say on its lamps, on a thread of its own that sleeps until a lamp changes. Lamps that fail degrade the light and are opened again for
/// ever, with growing pauses; nothing here ends the device. Disposing it leaves the lamps dark.
/// </summary>
public sealed partial class LightShow : IDisposable
{
    private static readonly TimeSpan MostGoodbye = TimeSpan.FromSeconds(1);

    private readonly Func<IIndicator>? _open;
    private readonly DeviceHealth _health;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly long _began;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread? _thread;
    private readonly Lock _gate = new();
    private readonly LightClock _clock = new();
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private Indication _wanted = new() { Scene = Scene.Off };
    private Indication _playing = new() { Scene = Scene.Off };
    private bool _hasNews;
    private bool _stop;
    private bool _owesLampTest;
    private TimeSpan? _testBegan;
    private TimeSpan _retryAt;
    private IIndicator? _indicator;
    private ReadBack _readBack = new();
    private Lamps? _lit;

    /// <param name="open">Opens the lamps, and opens them again after they failed; null where there are none, and then this does nothing at all.</param>
    /// <param name="options">Whether to begin with a lamp test.</param>
    /// <param name="health">Where trouble is reported.</param>
    /// <param name="time">For the rhythms.</param>
    /// <param name="log">Where it is said.</param>
    public LightShow(Func<IIndicator>? open, LightOptions options, DeviceHealth health, TimeProvider time, ILogger<LightShow> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _open = open;
        _health = health;
        _time = time;
        _log = log;
        _began = time.GetTimestamp();
        _owesLampTest = options.LampTest;
        if (open is null) return;
        _thread = new Thread(Play) { Name = "lights", IsBackground = true };
        _thread.Start();
    }

    private TimeSpan Now => _time.GetElapsedTime(_began);

    /// <summary>Shows this from now on (after the lamp test, if it is not over). From any thread; never blocks.</summary>
    public void Show(Indication indication)
    {
        ArgumentNullException.ThrowIfNull(indication);
        lock (_gate)
        {
            if (_stop || (_wanted == indication)) return;
            _wanted = indication;
            _hasNews = true;
            _wake.Set();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_stop) return;
            _stop = true;
            _wake.Set();
        }

        // A driver that hangs keeps its thread and its event; the process ends without them.
        if (_thread?.Join(MostGoodbye) ?? true) _wake.Dispose();
    }

    private void Play()
    {
        while (!TakeNews())
        {
            if (_indicator is null && Now >= _retryAt) Open();
            if (_indicator is not null) Light(Now);
            _wake.WaitOne(Wait(Now));
        }

        Close();
    }

    // True where it is time to stop.
    private bool TakeNews()
    {
        Indication? news = null;
        lock (_gate)
        {
            if (_stop) return true;
            if (_hasNews) news = _wanted;
            _hasNews = false;
        }

        if (news is null) return false;
        _playing = news;
        if (_clock.Show(news, Now) && _indicator is not null) Guard(() => _indicator.Begin(news));
        return false;
    }

    private void Open() => Guard(() =>
    {
        _indicator = _open!();
        _readBack = new ReadBack();
        _lit = null;
        _backoff.Reset();
        _indicator.Begin(_playing);
        LogOpened(_indicator.Name);
        _health.Report(DevicePart.Lights, PartLevel.Ok, LineState.Working);
    });

    private void Light(TimeSpan now)
    {
        if (now - _testBegan >= LightPattern.LampTest.Period) _testBegan = null;
        var lamps = InTest(now) is { } inTest ? LightPattern.LampTest.At(inTest) : _clock.At(now);
        if (lamps == _lit) return;
        Guard(() =>
        {
            _indicator!.Set(lamps);
            _lit = lamps;
            BeginTest();
            if (_indicator.Read() is { } read && _readBack.Compare(lamps, read)) ReportReadBack();
        });
    }

    // How long the lamp test has lasted; null where it is over.
    private TimeSpan? InTest(TimeSpan now) => _owesLampTest ? TimeSpan.Zero : now - _testBegan;

    // Its second is counted from the moment when they are lit: the first time takes .NET a while, and nobody sees a lamp test that is over when it begins.
    private void BeginTest()
    {
        if (!_owesLampTest) return;
        _owesLampTest = false;
        _testBegan = Now;
    }

    private void ReportReadBack()
    {
        var fault = _readBack.Fault();
        if (fault is null) _health.Report(DevicePart.Lights, PartLevel.Ok, LineState.Working);
        else _health.Report(DevicePart.Lights, PartLevel.Degraded, LineState.ReadBack, fault);
    }

    private TimeSpan Wait(TimeSpan now)
    {
        TimeSpan wait;
        if (_indicator is null) wait = _retryAt - now;
        else wait = InTest(now) is { } inTest ? LightPattern.LampTest.UntilChange(inTest) : _clock.UntilChange(now);
        if (wait == Timeout.InfiniteTimeSpan) return wait;
        return TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds)));
    }

#pragma warning disable CA1031 // Lamps may fail in any way; they must not take the device down.
    private void Guard(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e)
        {
            var wait = _backoff.Next();
            _retryAt = Now + wait;
            _health.Count("lightFailures");
            _health.Report(DevicePart.Lights, PartLevel.Degraded, LineStates.Of(e), e.Message);
            LogFailed(wait.TotalSeconds, e.Message);
            Close();
        }
    }

    private void Close()
    {
        try
        {
            _indicator?.Dispose();
        }
        catch (Exception e)
        {
            LogCloseFailed(e.Message);
        }

        _indicator = null;
    }
#pragma warning restore CA1031

    [LoggerMessage(3201, LogLevel.Information, "Lights: {Name}")]
    private partial void LogOpened(string name);

    [LoggerMessage(3202, LogLevel.Debug, "The lights failed, next try in {Seconds} s: {Reason}")]
    private partial void LogFailed(double seconds, string reason);

    [LoggerMessage(3203, LogLevel.Debug, "The lights could not be closed: {Reason}")]
    private partial void LogCloseFailed(string reason);
}
