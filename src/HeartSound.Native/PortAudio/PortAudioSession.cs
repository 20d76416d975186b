using System.Runtime.InteropServices;

namespace HeartSound.Native.PortAudio;

/// <summary>
/// PortAudio between <c>Pa_Initialize</c> and <c>Pa_Terminate</c>. It looks for devices once, at the start: what is plugged in later is seen by a new session,
/// and ending a session kills its streams, so there is one at a time. Not safe for use by several threads at once; the caller disposes it, after its streams.
/// </summary>
public sealed unsafe class PortAudioSession : IDisposable
{
    private bool _ended;

    /// <summary>Looks for devices; takes a while (10 ms on a PC, over 1 s on a board with many ALSA devices).</summary>
    /// <exception cref="PortAudioException">PortAudio cannot start.</exception>
    /// <exception cref="NativeLibraryMissingException">PortAudio is not installed.</exception>
    public PortAudioSession()
    {
        PortAudioNoise.Silence();
        Check(PortAudioNative.Pa_Initialize(), "Pa_Initialize", "Is ALSA in order? (arecord -l shows it.)");
        Devices = List();
    }

    /// <summary>What PortAudio calls itself.</summary>
    public static string Version => Text(PortAudioNative.Pa_GetVersionText());

    /// <summary>All devices, also those that only play.</summary>
    public IReadOnlyList<PortAudioDevice> Devices { get; }

    /// <summary>Opens a stream from <paramref name="device"/>; <see cref="PortAudioInput.Start"/> makes it deliver.</summary>
    /// <param name="device">One of <see cref="Devices"/>.</param>
    /// <param name="channels">How many to open, from the first on.</param>
    /// <param name="sampleRateHz">In hertz.</param>
    /// <param name="latencySeconds">How much sound the device may hold before it is lost.</param>
    /// <exception cref="PortAudioException">In use, forbidden, or not of that rate or number of channels.</exception>
    public PortAudioInput Open(PortAudioDevice device, int channels, int sampleRateHz, double latencySeconds)
    {
        ArgumentNullException.ThrowIfNull(device);
        ObjectDisposedException.ThrowIf(_ended, this);
        var input = new PortAudioNative.StreamParameters
        {
            Device = device.Index,
            ChannelCount = channels,
            SampleFormat = new CULong(PortAudioNative.Float32),
            SuggestedLatency = latencySeconds,
        };

        // 0 frames a buffer: PortAudio chooses what suits the device.
        var code = PortAudioNative.Pa_OpenStream(out var stream, &input, null, sampleRateHz, new CULong(0), new CULong(PortAudioNative.ClipOff), 0, 0);
        Check(code, $"Opening '{device.Name}' ({channels} channels, {sampleRateHz} Hz)", code switch
        {
            PortAudioNative.InvalidSampleRate => "It cannot do this sample rate: ask for another one, or for none, which takes its own.",
            PortAudioNative.InvalidChannelCount => "It has not that many channels.",
            _ => "Is another program listening to it (fuser -v /dev/snd/*), and may this user (group audio)?",
        });
        return new PortAudioInput(new PortAudioStreamHandle(stream), channels);
    }

    /// <summary>Ends PortAudio, which says "Unanticipated host error" at times after a device was pulled, and has ended all the same.</summary>
    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        _ = PortAudioNative.Pa_Terminate();
    }

    internal static void Check(int code, string operation, string advice)
    {
        if (code < PortAudioNative.NoError) throw new PortAudioException(operation, code, Describe(code), advice);
    }

    private static string Describe(int code)
    {
        var text = Text(PortAudioNative.Pa_GetErrorText(code));
        if (code != PortAudioNative.UnanticipatedHostError) return text;
        var host = PortAudioNative.Pa_GetLastHostErrorInfo();
        return host is null || host->ErrorText == 0 ? text : $"{text}: {Text(host->ErrorText)} ({host->ErrorCode.Value})";
    }

    private static List<PortAudioDevice> List()
    {
        var devices = new List<PortAudioDevice>();
        var count = PortAudioNative.Pa_GetDeviceCount();
        for (var index = 0; index < count; index++)
        {
            var info = PortAudioNative.Pa_GetDeviceInfo(index);
            if (info is null) continue;
            var api = PortAudioNative.Pa_GetHostApiInfo(info->HostApi);
            devices.Add(new PortAudioDevice(
                index, Text(info->Name), api is null ? "" : Text(api->Name), info->MaxInputChannels, (int)Math.Round(info->DefaultSampleRate),
                info->DefaultLowInputLatency, info->DefaultHighInputLatency));
        }

        return devices;
    }

    private static string Text(nint text) => Marshal.PtrToStringUTF8(text) ?? "";
}
