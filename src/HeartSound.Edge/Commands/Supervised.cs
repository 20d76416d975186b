using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting.Systemd;
using HeartSound.Edge.Settings;
using HeartSound.Native.LibC;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Commands;

/// <summary>The service's side of systemd, for one run: ready, alive, reloading, stopping. The model must be loaded and checked before.</summary>
internal sealed class Supervised : IDisposable
{
    private readonly Notifier _notifier;
    private readonly ReloadSignal _reload;
    private ProgressWatchdog? _watchdog;

    public Supervised(DeviceSession session, LoadedSettings settings, string source, IHostApplicationLifetime lifetime)
    {
        var logs = session.Logs;
        var working = $"Listens to {source}; settings from {settings.Source}";
        _notifier = Notifier.FromEnvironment(logs.CreateLogger<Notifier>());
        var reload = new SettingsReload(settings, new DeviceHealth(TimeProvider.System, logs.CreateLogger<DeviceHealth>()), logs.CreateLogger<SettingsReload>());
        _reload = new ReloadSignal(() =>
        {
            _notifier.Reloading("Reads its settings again");
            var change = reload.Reload();
            _notifier.Ready(change is null ? $"{working}; new settings were refused and the old ones stay, see the log" : $"{working}; {change}");
        });
        lifetime.ApplicationStarted.Register(() =>
        {
            _watchdog = new ProgressWatchdog(session.Progress, ProgressWatchdog.IntervalFromEnvironment(), _notifier, TimeProvider.System, logs.CreateLogger<ProgressWatchdog>());
            _watchdog.Stalled += _ => ProcessEnd.Now(ExitCode.Hung);
            _notifier.Ready(working);
        });
        lifetime.ApplicationStopping.Register(() =>
        {
            _watchdog?.Dispose();
            _notifier.Stopping("Gives its last verdict");
        });
    }

    public void Dispose()
    {
        _watchdog?.Dispose();
        _reload.Dispose();
        _notifier.Dispose();
    }
}
