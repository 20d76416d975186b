using HeartSound.Edge.Capture;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Hosting.Systemd;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Metrics;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Delivery;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Records;
using HeartSound.Edge.Remote;
using HeartSound.Edge.Settings;
using HeartSound.Native;
using HeartSound.Native.Gpiod;
using HeartSound.Native.LibC;
using HeartSound.Native.OnnxRuntime;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Hosting;

/// <summary>
/// A device that listens by itself. It starts in the order in which a person wants to see it, and stops in the opposite one:
/// <code>
/// (1) lights "starting" → (2) outbox is opened, broker called → (3) model: loaded on the CPU, held against its goldens; its engine is brought to life beside it → (4) button, settings signal → (5) watchdog, READY
///     → (6) listen: find a stethoscope, listen until it is another one or we are stopped → (7) last verdict, goodbye
/// </code>
/// </summary>
internal sealed partial class LiveDevice : IDisposable
{
    /// <summary>How long a supervised device that cannot start shows so, before it ends and is started again.</summary>
    private static readonly TimeSpan FaultShown = TimeSpan.FromSeconds(10);

    /// <summary>How long verdicts may take to leave when the device is stopped: a person, and systemd, wait for it.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);

    private readonly ILoggerFactory _logs;
    private readonly ILogger _log;
    private readonly UpdateHold _hold = UpdateHold.FromEnvironment(TimeProvider.System);
    private readonly IReadOnlyList<IVerdictSink> _localSinks;
    private readonly SettingsReload _reload;
    private readonly ExaminationRecorder? _recorder;
    private readonly Func<GpioInput>? _openButton;
    private readonly Outbox? _outbox; // its sink disposes it
    private readonly MetricsOutput? _metrics;
    private ModelBundle? _model;
    private EngineKeeper? _engine;
    private Device? _device;
    private ButtonWatch? _button;
    private ReloadSignal? _reloadSignal;

    /// <param name="settings">Valid.</param>
    /// <param name="overrides">What the command line said of them.</param>
    /// <param name="broker">Where verdicts go; null for nowhere.</param>
    /// <param name="localSinks">Where verdicts go beside the broker; the device disposes them.</param>
    /// <param name="logs">Where everything is said; stays the caller's.</param>
    public LiveDevice(LoadedSettings settings, IReadOnlyList<SettingOverride> overrides, MqttOptions? broker, IReadOnlyList<IVerdictSink> localSinks, ILoggerFactory logs)
    {
        _logs = logs;
        _log = logs.CreateLogger<LiveDevice>();
        _localSinks = localSinks;
        Settings = settings.Settings;
        Name = Settings.Name;
        Notifier = Notifier.FromEnvironment(logs.CreateLogger<Notifier>());
        Health = new DeviceHealth(TimeProvider.System, logs.CreateLogger<DeviceHealth>());
        Activity = new DeviceActivity(TimeProvider.System);
        Heat = new HeatWatch(Settings.Heat, new HeatSensors(), Health, TimeProvider.System, logs.CreateLogger<HeatWatch>());
        Examinations = new Examinations(Settings.Examination);
        Controls = new DeviceControls(Examinations, Activity, Health, () => Heat.Step);
        _reload = new SettingsReload(settings, Health, logs.CreateLogger<SettingsReload>(), overrides: overrides);

        // Step 1: Lights.
        var indicators = Indicators.Create(Settings.Lights);
        Lights = new LightShow(indicators.OpenLamps, Settings.Lights, Health, TimeProvider.System, logs.CreateLogger<LightShow>());
        Lights.Show(Indication);
        _openButton = Settings.Button.Enabled ? indicators.OpenButton : null;

        // Step 2: Outbox, broker. What waited before leaves while the model is loaded.
        if (broker is not null)
        {
            _outbox = new Outbox(Settings.Outbox.Folder ?? InDirectory("STATE_DIRECTORY", "."), Settings.Outbox, Health, TimeProvider.System, logs.CreateLogger<Outbox>());
            Broker = new MqttVerdictSink(broker with { HomeAssistant = new HomeAssistantPresence(Settings.Broker.HomeAssistant) }, _outbox, Session, Clock, Health, logs);
            Broker.Take(Remote = new RemoteControl(Name, Session, Clock, Controls, logs));
        }

        if (Settings.Record.Enabled)
        {
            var folder = Settings.Record.Folder ?? InDirectory("STATE_DIRECTORY", "records") ?? Path.GetFullPath("records");
            _recorder = new ExaminationRecorder(Settings.Record, folder, Health, TimeProvider.System, logs.CreateLogger<ExaminationRecorder>());
        }

        _metrics = MetricsOutput.Start(Settings.Metrics, Name, HealthMessage, Health, Progress, logs);
    }

    public DeviceSettings Settings { get; private set; }
    public string Name { get; }
    public Guid Session { get; } = Guid.CreateVersion7();
    public Notifier Notifier { get; }
    public DeviceClock Clock { get; } = new(TimeProvider.System);
    public DeviceHealth Health { get; }
    public DeviceProgress Progress { get; } = new();
    public DeviceActivity Activity { get; }
    public HeatWatch Heat { get; }
    public Examinations Examinations { get; }
    public LightShow Lights { get; }
    public MqttVerdictSink? Broker { get; }

    /// <summary>What commands reach.</summary>
    public DeviceControls Controls { get; }

    /// <summary>Takes commands from the broker; null where there is none.</summary>
    public RemoteControl? Remote { get; }

    /// <summary>There once <see cref="Start"/> has returned.</summary>
    public ModelBundle Model => _model ?? throw new InvalidOperationException("The device has not started.");

    /// <summary>Whether an engine is built or loaded.</summary>
    public bool IsPreparing => _engine?.Status.Preparing is not null;

    /// <summary>What the lights should say now.</summary>
    public Indication Indication =>
        IndicationRule.Of(Activity, Health.Level, Heat.Step, Examinations.IsHeld, TimeSpan.FromSeconds(Settings.Lights.VerdictSeconds));

    /// <summary>How the device is, to be published.</summary>
    public HealthMessage HealthMessage(TimeSpan uptime) => new()
    {
        Device = Name,
        Session = Session,
        At = Clock.Now,
        Level = Health.Level,
        Parts = Health.Parts,
        Counters = Health.Counters,
        UptimeSeconds = uptime.TotalSeconds,
        Model = _model is null ? null : ModelPart.Of(_model),
        Provider = _engine?.Status.Provider.ToString(),
        Engine = _engine is null ? null : EnginePart.Of(_engine.Status),
        Heat = Heat.Reading is { Zones.Count: > 0 } or { PowerMode: not null } ? Heat.Reading : null,
        Outbox = Broker?.Outbox,
        Software = VerdictStamp.Software,
    };

    /// <summary>Loads the model and gets ready. A supervised device that cannot shows its fault for a while before it says so.</summary>
    /// <exception cref="Exception">It cannot start; the message says why and what to do.</exception>
    public void Start(CancellationToken stop)
    {
        try
        {
            // Step 3: Model. The CPU serves at once; whatever else was asked for takes over once it is there and right.
            _model = GoldenCheck.LoadVerified(Settings.Model.Path, [OnnxProvider.Cpu]);
            _engine = new EngineKeeper(_model, Settings.Model.Providers, Settings.Engine, Health, _logs);
        }
        catch (Exception e) when (e is ModelException or EngineCacheException or OnnxRuntimeException or NativeLibraryMissingException)
        {
            if (e is EngineCacheException) Health.Report(DevicePart.Engine, PartLevel.Failed, EngineState.CacheFailed, e.Message);
            else Health.Report(DevicePart.Model, PartLevel.Failed, ModelState.Unusable, e.Message);
            Lights.Show(Indication);
            Broker?.Publish(HealthMessage(TimeSpan.Zero));
            Notifier.Status($"Cannot start: {e.Message.ReplaceLineEndings(" ")}");
            if (Notifier.IsSupervised) stop.WaitHandle.WaitOne(FaultShown);
            throw;
        }

        Health.Report(DevicePart.Model, PartLevel.Ok, ModelState.Ready);
        List<IVerdictSink> sinks = Broker is null ? [.. _localSinks] : [Broker, .. _localSinks];
        _device = new Device(_model, Name, Session, sinks, _outbox is null ? null : _outbox.Add, Clock, _logs, new DeviceMonitor(Activity, Health, Progress, _recorder) { Metrics = _metrics?.Device }, _engine);
        _engine.Start();

        // Step 4: Button, settings signal.
        _button = new ButtonWatch(_openButton, Settings.Button, Health, OnButton, _logs.CreateLogger<ButtonWatch>());
        _reloadSignal = new ReloadSignal(Reload);
        Activity.Ready();
    }

    /// <summary>Listens until <paramref name="stop"/> asks for an end. What was heard of the examination under way becomes a verdict.</summary>
    /// <param name="open">Finds something to listen to, and waits for it; null when stopped. The device disposes it.</param>
    /// <param name="stop">Ends it.</param>
    public void Listen(Func<CancellationToken, ISampleSource?> open, CancellationToken stop)
    {
        // Step 5: From here on it is missed when nothing moves.
        var device = _device ?? throw new InvalidOperationException($"{nameof(Start)} comes first.");
        using var watchdog = new ProgressWatchdog(Progress, ProgressWatchdog.IntervalFromEnvironment(), Notifier, TimeProvider.System, _logs.CreateLogger<ProgressWatchdog>());
        watchdog.Stalled += _ => ProcessEnd.Now(ExitCode.Hung);
        using var stopping = stop.Register(() =>
        {
            watchdog.Dispose();
            Notifier.Stopping("Gives its last verdict");
        });
        Notifier.Ready(StatusLine.Of(Indication, Activity, Health, Settings.Lights.VerdictSeconds));

        LookAtHold();

        // Step 6: One stethoscope after the other; only one of another sample rate ends a source.
        while (!stop.IsCancellationRequested)
        {
            using var source = open(stop);
            if (source is null) return;
            device.Service.Listen(source, Examinations, recording: null, stop);
        }
    }

    /// <summary>Waits until every verdict has left, and returns how many have not.</summary>
    public int Deliver() => _device?.Deliver(Goodbye) ?? 0;

    /// <summary>Says whether the clock can be believed. A device without a network never can, and listens as well: that is no fault.</summary>
    public void LookAtClock()
    {
        var isSynced = Clock.Now.ClockSynced;
        if (isSynced == true) Health.Report(DevicePart.Clock, PartLevel.Ok, ClockState.Synced);
        else if (isSynced is null) Health.Report(DevicePart.Clock, PartLevel.Ok, ClockState.Unknown);
        else Health.Report(DevicePart.Clock, PartLevel.Ok, ClockState.Unsynced, "Times on verdicts may be wrong until a time server is reached: timedatectl set-ntp true, and a network that reaches one.");
    }

    /// <summary>Lets the examination under way be the last one while an update wants in.</summary>
    public void LookAtHold()
    {
        var isHeld = _hold.IsActive;
        if (isHeld == Examinations.IsHeld) return;
        Examinations.IsHeld = isHeld;
        if (isHeld) LogHeld();
        else LogReleased();
    }

    /// <summary>Takes what heat allows.</summary>
    public void LookAtHeat()
    {
        var step = Heat.Look();
        if (_device is { } device) device.Service.Heat = step;
    }

    public void Dispose()
    {
        // Step 7: No more requests; the last words to the broker; lights off last.
        Remote?.Dispose();
        _reloadSignal?.Dispose();
        _button?.Dispose();
        _recorder?.Dispose();
        if (_device is not null)
        {
            _device.Dispose();
        }
        else
        {
            Broker?.Dispose();
            foreach (var sink in _localSinks) sink.Dispose();
        }

        _metrics?.Dispose();
        _engine?.Dispose();
        _model?.Dispose();
        Lights.Dispose();
        Notifier.Dispose();
    }

    private static string? InDirectory(string variable, string file) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folders ? Path.Combine(folders.Split(':')[0], file) : null;

    private void OnButton(ButtonPress press)
    {
        LogButton(press);
        Controls.Press(press);
    }

    private void Reload()
    {
        Notifier.Reloading("Reads its settings again");
        var change = _reload.Reload();
        if (change is not null)
        {
            Settings = change.InForce;
            Examinations.Options = Settings.Examination;
            Heat.Options = Settings.Heat;
        }

        Notifier.Ready(change is null ? "New settings were refused and the old ones stay, see the log" : $"Settings: {change}");
    }

    [LoggerMessage(3551, LogLevel.Information, "An update wants in: no examination begins after the one that is under way")]
    private partial void LogHeld();

    [LoggerMessage(3552, LogLevel.Information, "No update wants in any more: examinations begin again")]
    private partial void LogReleased();

    [LoggerMessage(1241, LogLevel.Information, "Button: {Press} press")]
    private partial void LogButton(ButtonPress press);
}
