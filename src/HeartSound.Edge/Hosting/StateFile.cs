using System.Text.Json;
using HeartSound.Edge.Health;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Lights;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Hosting;

/// <summary>
/// Keeps <see cref="ServiceState"/> in the runtime directory: after every change, and at least every <see cref="Period"/>, so that one that is old means a service that hangs. Does nothing
/// where there is no runtime directory. Belongs to one thread.
/// </summary>
internal sealed partial class StateFile
{
    /// <summary>How often it is written though nothing has changed.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(4);

    private readonly LiveDevice _device;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string? _file = RuntimeDirectory.File(ServiceState.FileName);
    private readonly string? _release = ReleaseOf(AppContext.BaseDirectory);
    private (Scene Scene, ServiceState.ExaminationPart Examination, bool Idle, bool Held)? _written;
    private long _writtenAt;
    private bool _failed;

    public StateFile(LiveDevice device, TimeProvider time, ILogger<StateFile> log) => (_device, _time, _log) = (device, time, log);

    /// <summary>Writes it where something has changed, or it is getting old.</summary>
    /// <param name="scene">What the lights say.</param>
    /// <param name="isHealthChanged">Whether a part of the device says something else.</param>
    public void Look(Scene scene, bool isHealthChanged)
    {
        if (_file is null) return;
        var isHeld = _device.Examinations.IsHolding; // first: what began before is in the state that is read now
        var examination = _device.Examinations.State;
        var now = (scene, new ServiceState.ExaminationPart(examination.Phase, examination.Id), examination.Id is null && !_device.Activity.HasFreshVerdict, isHeld);
        if (!isHealthChanged && now == _written && _time.GetElapsedTime(_writtenAt) < Period) return;
        Write(now);
        (_written, _writtenAt) = (now, _time.GetTimestamp());
    }

    private void Write((Scene Scene, ServiceState.ExaminationPart Examination, bool Idle, bool Held) now)
    {
        var health = _device.HealthMessage(TimeSpan.Zero);
        var host = _device.Settings.Broker.Host;
        var state = new ServiceState
        {
            Software = VerdictStamp.Software,
            Release = _release,
            Session = _device.Session,
            At = health.Time,
            Monotonic = health.MonotonicSeconds,
            BootId = health.BootId,
            Ready = _device.Activity.IsReady,
            Level = health.Level,
            Scene = now.Scene,
            Examination = now.Examination,
            Idle = now.Idle,
            Held = now.Held,
            Provider = health.Provider,
            Model = health.Model,
            Broker = new ServiceState.BrokerPart(_device.Broker is not null, health.Parts.GetValueOrDefault(DevicePart.Broker) is { Level: PartLevel.Ok }, host),
            Parts = health.Parts,
        };
        try
        {
            File.WriteAllBytes($"{_file}.new", state.ToJson());
            File.Move($"{_file}.new", _file!, overwrite: true);
            _failed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_failed) LogFailed(_file!, e.Message);
            _failed = true;
        }
    }

    /// <summary>Version of the bundle that a program lies in; null where it lies in none.</summary>
    /// <param name="programFolder">Where its assemblies are: <c>bin/app/</c> of the bundle.</param>
    internal static string? ReleaseOf(string programFolder)
    {
        try
        {
            using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(programFolder, "..", "..", "manifest.json")));
            return manifest.RootElement.TryGetProperty("version", out var version) ? version.GetString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    [LoggerMessage(3553, LogLevel.Error, "{File} cannot be written, so that an update would take this service for one that hangs: {Cause}")]
    private partial void LogFailed(string file, string cause);
}
