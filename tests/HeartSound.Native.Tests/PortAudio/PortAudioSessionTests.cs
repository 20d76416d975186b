using HeartSound.Native.PortAudio;

namespace HeartSound.Native.Tests.PortAudio;

/// <summary>The PortAudio of this machine, whatever sound devices it has.</summary>
public sealed class PortAudioSessionTests
{
    [Fact]
    public void Version_Installed_IsV19() => Assert.Contains("PortAudio V19", PortAudioSession.Version, StringComparison.Ordinal);

    [Fact]
    public void Devices_AnyMachine_AreNumberedAndNamed()
    {
        using var session = new PortAudioSession();
        Assert.Equal(Enumerable.Range(0, session.Devices.Count), session.Devices.Select(d => d.Index));
        Assert.All(session.Devices, d => Assert.NotEmpty(d.Name));
        Assert.All(session.Devices, d => Assert.NotEmpty(d.HostApi));
        Assert.All(session.Devices, d => Assert.InRange(d.DefaultSampleRateHz, 1, 1_000_000));
    }

    [Fact]
    public void Open_DeviceThatIsNotThere_SaysWhichAndWhatToDo()
    {
        using var session = new PortAudioSession();
        var gone = new PortAudioDevice(9999, "Stethoscope", "ALSA", 1, 48000, 0.01, 0.1);
        var exception = Assert.Throws<PortAudioException>(() => session.Open(gone, 1, 48000, 0.1));
        Assert.Equal(-9996, exception.Code); // paInvalidDevice
        Assert.Contains("Opening 'Stethoscope' (1 channels, 48000 Hz) failed: Invalid device (PortAudio code -9996).", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SessionDisposed_IsRefused()
    {
        var session = new PortAudioSession();
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Open(new PortAudioDevice(0, "", "", 1, 8000, 0, 0), 1, 8000, 0.1));
    }
}
