using HeartSound.Edge.Health;
using HeartSound.Native.PortAudio;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Capture;

/// <summary>
/// The connection to the stethoscope: looks for it until it is there, opens it, lets go of it. A new search takes a new session of PortAudio, which sees only
/// what was plugged in before. Used by one thread at a time; the owner disposes it.
/// </summary>
internal sealed partial class StethoscopeLink(CaptureOptions options, SoundCards cards, CallWatch watch, CaptureReport report, DeviceProgress progress, ILogger log) : IDisposable
{
    /// <summary>How much sound the device may hold before it is lost: longer than this thread is ever kept waiting, and short enough that ALSA, which tells of new
    /// samples four times in that time, tells soon.</summary>
    private const double LatencySeconds = 0.2;

    /// <summary>How often the kernel's list of cards is read while the stethoscope is awaited.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(0.25);

    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(4));
    private PortAudioSession? _session;
    private string? _presence;
    private bool _tried;
    private volatile bool _isRestartAsked;

    /// <summary>What is open; null when nothing is.</summary>
    public PortAudioInput? Input { get; private set; }

    /// <summary>What was opened last.</summary>
    public CaptureDevice? Device { get; private set; }

    /// <summary>In hertz, of what was opened last.</summary>
    public int SampleRateHz { get; private set; }

    /// <summary>Whether the card of what was opened last is there, as far as anybody can know: what is no card has nothing to look at. Allocates nothing.</summary>
    public bool IsThere => _presence is null || File.Exists(_presence);

    /// <summary>Whether <see cref="IsThere"/> means anything.</summary>
    public bool IsCard => _presence is not null;

    /// <summary>Any thread: it shall be closed and opened again, or, where it is looked for, be looked for at once.</summary>
    public void AskRestart() => _isRestartAsked = true;

    /// <summary>Whether that was asked for; once. Allocates nothing.</summary>
    public bool TakeRestart()
    {
        if (!_isRestartAsked) return false;
        _isRestartAsked = false;
        return true;
    }

    /// <summary>Good samples came: the next time that it is lost it is looked for at once.</summary>
    public void Healthy()
    {
        _tried = false;
        _backoff.Reset();
    }

    /// <summary>Looks for the stethoscope until it is open, first at once, then less and less often, and at once when a card has come or gone.</summary>
    /// <param name="sampleRateHz">The rate it must have; null for its own.</param>
    /// <param name="stop">Ends the search.</param>
    /// <returns>False when stopped, or when it is there and cannot do that rate.</returns>
    public bool Connect(int? sampleRateHz, CancellationToken stop)
    {
        for (var listing = cards.Listing; !stop.IsCancellationRequested;)
        {
            if (_tried && Wait(_backoff.Next(), ref listing, stop)) _backoff.Reset();
            if (stop.IsCancellationRequested) break;
            _tried = true;
            try
            {
                if (TryOpen(sampleRateHz)) return true;
            }
            catch (PortAudioException e)
            {
                Close();
                if (sampleRateHz is not null && e.IsInvalidSampleRate) return false;
                report.Trouble(CaptureState.CannotOpen, e.Message);
            }

            progress.AddSearch();
        }

        return false;
    }

    /// <summary>Lets go of the stethoscope and of PortAudio.</summary>
    public void Close()
    {
        if (Input is not null)
        {
            using (watch.Enter("Closing the stethoscope (Pa_AbortStream, Pa_CloseStream)", CallWatch.CallLimit)) Input.Dispose();
            Input = null;
        }

        if (_session is not null)
        {
            using (watch.Enter("Pa_Terminate", CallWatch.CallLimit)) _session.Dispose();
            _session = null;
        }
    }

    public void Dispose() => Close();

    private bool TryOpen(int? sampleRateHz)
    {
        Close();
        _isRestartAsked = false;
        using (watch.Enter("Pa_Initialize", CallWatch.OpenLimit)) _session = new PortAudioSession();
        var choice = StethoscopeFinder.Choose(options, CaptureDevice.Join(_session.Devices, cards.Read()));
        if (choice.Device is not { } device)
        {
            Close();

            // What was listened to and is not found any more has gone, whatever the settings are true of.
            var gone = Device is not null && choice.Fault == CaptureState.NotFound;
            report.Trouble(gone ? CaptureState.Unplugged : choice.Fault!.Value, gone ? $"{Device!.Identity} has gone. Plug it in again." : choice.Message);
            return false;
        }

        var channels = device.Audio.MaxInputChannels;
        if (options.Channel > channels)
        {
            Close();
            report.Trouble(CaptureState.CannotOpen, $"{device.Identity} has {channels} channels, and 'capture.channel' is {options.Channel}.");
            return false;
        }

        // A sound server offers as many channels as anybody may want (PulseAudio 32); a card has those that it has.
        if (device.Card is null) channels = options.Channel;
        var rate = sampleRateHz ?? options.SampleRateHz ?? device.Audio.DefaultSampleRateHz;
        using (watch.Enter($"Pa_OpenStream on '{device.Audio.Name}'", CallWatch.OpenLimit)) Input = Open(device.Audio, channels, rate);
        _presence = device.Card is { } card ? cards.PresenceFile(card) : null;
        Device = device;
        SampleRateHz = rate;
        LogOpened(choice.Message, options.Channel, channels, rate);
        return true;
    }

    private PortAudioInput Open(PortAudioDevice device, int channels, int rate)
    {
        try
        {
            return _session!.Open(device, channels, rate, LatencySeconds);
        }
        catch (PortAudioException e) when (e.IsInvalidChannelCount && options.Channel < channels)
        {
            return _session!.Open(device, options.Channel, rate, LatencySeconds);
        }
    }

    // Returns whether a card has come or gone, or somebody asked for it, before the time was over.
    private bool Wait(TimeSpan time, ref string listing, CancellationToken stop)
    {
        for (var left = time; left > TimeSpan.Zero; left -= Look)
        {
            if (stop.WaitHandle.WaitOne(left < Look ? left : Look)) return false;
            progress.AddSearch();
            if (TakeRestart()) return true;
            var now = cards.Listing;
            if (now == listing) continue;
            listing = now;
            return true;
        }

        return false;
    }

    [LoggerMessage(2001, LogLevel.Information, "Opened {Device}: channel {Channel} of {Channels} at {Rate} Hz")]
    private partial void LogOpened(string device, int channel, int channels, int rate);
}
