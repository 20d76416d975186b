using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HeartSound.Native.PortAudio;

namespace HeartSound.Native.Tests.PortAudio;

/// <summary>Layouts as of portaudio.h on a 64-bit system.</summary>
public sealed class PortAudioNativeTests
{
    [Fact]
    public void DeviceInfo_Layout_IsThatOfTheHeader()
    {
        Assert.Equal(72, Unsafe.SizeOf<PortAudioNative.DeviceInfo>());
        Assert.Equal(0, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.StructVersion)));
        Assert.Equal(8, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.Name)));
        Assert.Equal(16, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.HostApi)));
        Assert.Equal(20, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.MaxInputChannels)));
        Assert.Equal(24, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.MaxOutputChannels)));
        Assert.Equal(32, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.DefaultLowInputLatency)));
        Assert.Equal(40, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.DefaultLowOutputLatency)));
        Assert.Equal(48, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.DefaultHighInputLatency)));
        Assert.Equal(56, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.DefaultHighOutputLatency)));
        Assert.Equal(64, Offset<PortAudioNative.DeviceInfo>(nameof(PortAudioNative.DeviceInfo.DefaultSampleRate)));
    }

    [Fact]
    public void HostApiInfo_Layout_IsThatOfTheHeader()
    {
        Assert.Equal(32, Unsafe.SizeOf<PortAudioNative.HostApiInfo>());
        Assert.Equal(4, Offset<PortAudioNative.HostApiInfo>(nameof(PortAudioNative.HostApiInfo.Type)));
        Assert.Equal(8, Offset<PortAudioNative.HostApiInfo>(nameof(PortAudioNative.HostApiInfo.Name)));
        Assert.Equal(16, Offset<PortAudioNative.HostApiInfo>(nameof(PortAudioNative.HostApiInfo.DeviceCount)));
        Assert.Equal(20, Offset<PortAudioNative.HostApiInfo>(nameof(PortAudioNative.HostApiInfo.DefaultInputDevice)));
        Assert.Equal(24, Offset<PortAudioNative.HostApiInfo>(nameof(PortAudioNative.HostApiInfo.DefaultOutputDevice)));
    }

    [Fact]
    public void HostErrorInfo_Layout_IsThatOfTheHeader()
    {
        Assert.Equal(24, Unsafe.SizeOf<PortAudioNative.HostErrorInfo>());
        Assert.Equal(8, Offset<PortAudioNative.HostErrorInfo>(nameof(PortAudioNative.HostErrorInfo.ErrorCode)));
        Assert.Equal(16, Offset<PortAudioNative.HostErrorInfo>(nameof(PortAudioNative.HostErrorInfo.ErrorText)));
    }

    [Fact]
    public void StreamParameters_Layout_IsThatOfTheHeader()
    {
        Assert.Equal(32, Unsafe.SizeOf<PortAudioNative.StreamParameters>());
        Assert.Equal(0, Offset<PortAudioNative.StreamParameters>(nameof(PortAudioNative.StreamParameters.Device)));
        Assert.Equal(4, Offset<PortAudioNative.StreamParameters>(nameof(PortAudioNative.StreamParameters.ChannelCount)));
        Assert.Equal(8, Offset<PortAudioNative.StreamParameters>(nameof(PortAudioNative.StreamParameters.SampleFormat)));
        Assert.Equal(16, Offset<PortAudioNative.StreamParameters>(nameof(PortAudioNative.StreamParameters.SuggestedLatency)));
        Assert.Equal(24, Offset<PortAudioNative.StreamParameters>(nameof(PortAudioNative.StreamParameters.HostApiSpecificStreamInfo)));
    }

    [Fact]
    public void StreamInfo_Layout_IsThatOfTheHeader()
    {
        Assert.Equal(32, Unsafe.SizeOf<PortAudioNative.StreamInfo>());
        Assert.Equal(8, Offset<PortAudioNative.StreamInfo>(nameof(PortAudioNative.StreamInfo.InputLatency)));
        Assert.Equal(16, Offset<PortAudioNative.StreamInfo>(nameof(PortAudioNative.StreamInfo.OutputLatency)));
        Assert.Equal(24, Offset<PortAudioNative.StreamInfo>(nameof(PortAudioNative.StreamInfo.SampleRate)));
    }

    private static int Offset<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
