using System.Runtime.InteropServices;

namespace HeartSound.Native.SndFile;

/// <summary>Owns a <c>SNDFILE</c>.</summary>
internal sealed class SndFileHandle : SafeHandle
{
    public SndFileHandle(nint file)
        : base(0, ownsHandle: true) => SetHandle(file);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => SndFileNative.sf_close(handle) == 0;
}
