using HeartSound.Edge.Health;
using HeartSound.Native.PortAudio;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Capture;

/// <summary>
/// The live microphone, found by what it is. One thread at a time opens it and captures from it; the owner disposes it after its sources.
/// <code>
/// Open: look for it ─ open it ─→ source.Capture: poll ─ watch ─ hand on ─→ ring
///         ↑ capped backoff                  └─ lost, frozen, silent … : close, look for it, open it again
/// </code>
/// </summary>
public sealed class Stethoscope : IDisposable
{
    private readonly CaptureOptions _options;
    private readonly DeviceProgress _progress;
    private readonly TimeProvider _time;
    private readonly CaptureReport _report;
    private readonly CallWatch _watch;
    private readonly StethoscopeLink _link;

    /// <param name="options">Which one.</param>
    /// <param name="health">Told of every state.</param>
    /// <param name="progress">Told of every sample and every search.</param>
    /// <param name="logs">Where it is said what was found and by which rule.</param>
    /// <param name="time">The monotonic clock.</param>
    public Stethoscope(CaptureOptions options, DeviceHealth health, DeviceProgress progress, ILoggerFactory logs, TimeProvider time)
        : this(options, health, progress, logs, time, new SoundCards(), new CallWatch(logs.CreateLogger<CallWatch>()))
    {
    }

    internal Stethoscope(CaptureOptions options, DeviceHealth health, DeviceProgress progress, ILoggerFactory logs, TimeProvider time, SoundCards cards, CallWatch watch)
    {
        _options = options;
        _progress = progress;
        _time = time;
        _watch = watch;
        _report = new CaptureReport(health);
        _link = new StethoscopeLink(options, cards, watch, _report, progress, logs.CreateLogger<Stethoscope>());
        health.Report(DevicePart.Capture, PartLevel.Ok, CaptureState.Starting);
    }

    /// <summary>
    /// Looks at all microphones and chooses as the service would, without opening one, for <c>doctor</c>. Listens to nobody while another session of PortAudio
    /// in this process is open.
    /// </summary>
    /// <exception cref="PortAudioException">PortAudio cannot start.</exception>
    /// <exception cref="Native.NativeLibraryMissingException">PortAudio is not installed.</exception>
    public static CaptureSurvey Survey(CaptureOptions options)
    {
        using var session = new PortAudioSession();
        var devices = CaptureDevice.Join(session.Devices, new SoundCards().Read());
        return new CaptureSurvey(devices, StethoscopeFinder.Choose(options, devices));
    }

    /// <summary>
    /// Waits, for ever, until the stethoscope is there, and opens it; what is in the way is reported and tried again. The source it returns survives everything
    /// and ends only when stopped, or when what was plugged in again cannot do the same sample rate: then open again.
    /// </summary>
    /// <returns>Null when stopped. The caller disposes it before it opens another.</returns>
    /// <exception cref="Native.NativeLibraryMissingException">PortAudio is not installed.</exception>
    public ISampleSource? Open(CancellationToken stop) =>
        _link.Connect(null, stop) ? new StethoscopeSource(_link, _options, _report, _progress, _watch, _time) : null;

    /// <summary>Any thread: closes the stethoscope and opens it again, soon; while it is looked for, looks at once.</summary>
    public void Restart() => _link.AskRestart();

    public void Dispose()
    {
        _link.Dispose();
        _watch.Dispose();
    }
}
