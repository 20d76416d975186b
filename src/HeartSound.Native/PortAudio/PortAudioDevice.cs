namespace HeartSound.Native.PortAudio;

/// <summary>A sound device as PortAudio lists it.</summary>
/// <param name="Index">Its number until the session ends; says nothing about what it is.</param>
/// <param name="Name">For ALSA's own devices <c>card: device (hw:1,0)</c>, for devices out of ALSA's configuration their name there.</param>
/// <param name="HostApi">ALSA, JACK …</param>
/// <param name="MaxInputChannels">0 when nothing can be captured from it.</param>
/// <param name="DefaultSampleRateHz">In hertz; what the device does best.</param>
/// <param name="LowLatencySeconds">PortAudio's suggestion for short answers.</param>
/// <param name="HighLatencySeconds">PortAudio's suggestion for robustness.</param>
public sealed record PortAudioDevice(
    int Index, string Name, string HostApi, int MaxInputChannels, int DefaultSampleRateHz, double LowLatencySeconds, double HighLatencySeconds);
