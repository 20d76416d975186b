using System.Runtime.InteropServices;

namespace HeartSound.Native.PortAudio;

/// <summary>Owns a <c>PaStream</c>.</summary>
internal sealed class PortAudioStreamHandle : SafeHandle
{
    public PortAudioStreamHandle(nint stream)
        : base(0, ownsHandle: true) => SetHandle(stream);

    public override bool IsInvalid => handle == 0;

    // Closing a stream whose device was pulled says "Unanticipated host error" and frees it all the same.
    protected override bool ReleaseHandle()
    {
        _ = PortAudioNative.Pa_CloseStream(handle);
        return true;
    }
}
