using HeartSound.Edge.Outputs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Hosting;

/// <summary>
/// Shows how the device is: lights, broker, systemd. On a thread of its own, at least ten times a second, and at once when something changed.
/// </summary>
internal sealed partial class Housekeeper : BackgroundService
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LivePeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan HealthPeriod = TimeSpan.FromMinutes(1);

    /// <summary>While an engine is built somebody may want to see how far it is.</summary>
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    private readonly LiveDevice _device;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly StateFile _state;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly long _start;
    private long? _liveAt;
    private long? _healthAt;
    private long? _lookedAt;
    private string? _status;
    private volatile bool _healthChanged;

    public Housekeeper(LiveDevice device, TimeProvider time, ILoggerFactory logs)
    {
        _device = device;
        _time = time;
        _log = logs.CreateLogger<Housekeeper>();
        _state = new StateFile(device, time, logs.CreateLogger<StateFile>());
        _start = time.GetTimestamp();
        device.Activity.Changed += Wake;
        device.Health.Changed += OnHealthChanged;
    }

    public override void Dispose()
    {
        _device.Activity.Changed -= Wake;
        _device.Health.Changed -= OnHealthChanged;
        base.Dispose();
        _wake.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Run(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken stop)
    {
        WaitHandle[] handles = [stop.WaitHandle, _wake];
        while (WaitHandle.WaitAny(handles, Turn) != 0)
        {
#pragma warning disable CA1031 // Whatever shows how the device is must not take it down; the next turn tries again.
            try
            {
                Show();
            }
            catch (Exception e)
            {
                LogFailed(e);
            }
#pragma warning restore CA1031
        }
    }

    private void Show()
    {
        if (IsDue(ref _lookedAt, LookPeriod))
        {
            _device.LookAtHeat();
            _device.LookAtClock();
        }

        _device.LookAtHold();
        var indication = _device.Indication;
        var mutedUntil = _device.Activity.MutedUntil;
        _device.Lights.Show(mutedUntil is null ? indication : IndicationRule.Muted(indication));
        _device.Remote?.Look();

        if (IsDue(ref _liveAt, LivePeriod)) _device.Broker?.Publish(LiveMessage.Of(_device.Activity.Live, indication.Scene, _device.Name, _device.Session, _device.Clock.Now, mutedUntil));
        var isChanged = _healthChanged;
        _healthChanged = false;
        if (isChanged) _healthAt = null;
        _state.Look(indication.Scene, isChanged);
        if (IsDue(ref _healthAt, _device.IsPreparing ? ProgressPeriod : HealthPeriod)) _device.Broker?.Publish(_device.HealthMessage(_time.GetElapsedTime(_start)));

        var status = StatusLine.Of(indication, _device.Activity, _device.Health, _device.Settings.Lights.VerdictSeconds);
        if (status != _status) _device.Notifier.Status(_status = status);
    }

    private bool IsDue(ref long? last, TimeSpan period)
    {
        if (last is { } at && _time.GetElapsedTime(at) < period) return false;
        last = _time.GetTimestamp();
        return true;
    }

    private void Wake() => _wake.Set();

    private void OnHealthChanged()
    {
        _healthChanged = true;
        _wake.Set();
    }

    [LoggerMessage(1242, LogLevel.Error, "How the device is cannot be shown")]
    private partial void LogFailed(Exception cause);
}
