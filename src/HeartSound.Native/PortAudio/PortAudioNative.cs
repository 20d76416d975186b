using System.Runtime.InteropServices;

namespace HeartSound.Native.PortAudio;

/// <summary>The functions of PortAudio (<c>portaudio.h</c>, V19 and later) by their native names. Results below zero are <c>PaErrorCode</c>.</summary>
internal static unsafe partial class PortAudioNative
{
    public const int NoError = 0;
    public const int UnanticipatedHostError = -9999;
    public const int InvalidChannelCount = -9998;
    public const int InvalidSampleRate = -9997;
    public const int DeviceUnavailable = -9985;
    public const int InputOverflowed = -9981;

    /// <summary><c>paFloat32</c>.</summary>
    public const uint Float32 = 1;

    /// <summary><c>paClipOff</c>: what is captured is left as it is.</summary>
    public const uint ClipOff = 1;

    static PortAudioNative() => Libraries.Register();

    [LibraryImport(Libraries.PortAudio)]
    public static partial nint Pa_GetVersionText();

    [LibraryImport(Libraries.PortAudio)]
    public static partial nint Pa_GetErrorText(int error);

    [LibraryImport(Libraries.PortAudio)]
    public static partial int Pa_Initialize();

    [LibraryImport(Libraries.PortAudio)]
    public static partial int Pa_Terminate();

    [LibraryImport(Libraries.PortAudio)]
    public static partial HostApiInfo* Pa_GetHostApiInfo(int hostApi);

    /// <summary>Says more about <see cref="UnanticipatedHostError"/>, if it was the last result; belongs to PortAudio.</summary>
    [LibraryImport(Libraries.PortAudio)]
    public static partial HostErrorInfo* Pa_GetLastHostErrorInfo();

    [LibraryImport(Libraries.PortAudio)]
    public static partial int Pa_GetDeviceCount();

    [LibraryImport(Libraries.PortAudio)]
    public static partial DeviceInfo* Pa_GetDeviceInfo(int device);

    [LibraryImport(Libraries.PortAudio)]
    public static partial int Pa_OpenStream(
        out nint stream, StreamParameters* input, StreamParameters* output, double sampleRate, CULong framesPerBuffer, CULong flags, nint callback, nint userData);

    [LibraryImport(Libraries.PortAudio)]
    public static partial int Pa_StartStream(PortAudioStreamHandle stream);

    [LibraryImport(Libraries.PortAudio)]
    public static partial int Pa_AbortStream(PortAudioStreamHandle stream);

    [LibraryImport(Libraries.PortAudio)]
    public static partial int Pa_CloseStream(nint stream);

    [LibraryImport(Libraries.PortAudio)]
    public static partial StreamInfo* Pa_GetStreamInfo(PortAudioStreamHandle stream);

    [LibraryImport(Libraries.PortAudio)]
    public static partial CLong Pa_GetStreamReadAvailable(PortAudioStreamHandle stream);

    [LibraryImport(Libraries.PortAudio)]
    public static partial int Pa_ReadStream(PortAudioStreamHandle stream, float* samples, CULong frames);

    /// <summary><c>PaHostApiInfo</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct HostApiInfo
    {
        public int StructVersion;
        public int Type;
        public nint Name;
        public int DeviceCount;
        public int DefaultInputDevice;
        public int DefaultOutputDevice;
    }

    /// <summary><c>PaHostErrorInfo</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct HostErrorInfo
    {
        public int HostApiType;
        public CLong ErrorCode;
        public nint ErrorText;
    }

    /// <summary><c>PaDeviceInfo</c>; latencies in seconds.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DeviceInfo
    {
        public int StructVersion;
        public nint Name;
        public int HostApi;
        public int MaxInputChannels;
        public int MaxOutputChannels;
        public double DefaultLowInputLatency;
        public double DefaultLowOutputLatency;
        public double DefaultHighInputLatency;
        public double DefaultHighOutputLatency;
        public double DefaultSampleRate;
    }

    /// <summary><c>PaStreamParameters</c>; the latency in seconds.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StreamParameters
    {
        public int Device;
        public int ChannelCount;
        public CULong SampleFormat;
        public double SuggestedLatency;
        public nint HostApiSpecificStreamInfo;
    }

    /// <summary><c>PaStreamInfo</c>; latencies in seconds.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StreamInfo
    {
        public int StructVersion;
        public double InputLatency;
        public double OutputLatency;
        public double SampleRate;
    }
}
