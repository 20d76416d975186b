using System.Runtime.InteropServices;

namespace HeartSound.Native.Mosquitto;

/// <summary>Owns a <c>struct mosquitto</c> and the handle by which its callbacks find the session. Calls in progress delay the release.</summary>
internal sealed class MosquittoHandle : SafeHandle
{
    private GCHandle _userData;

    public MosquittoHandle(nint client, GCHandle userData)
        : base(0, ownsHandle: true)
    {
        _userData = userData;
        SetHandle(client);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        MosquittoNative.mosquitto_destroy(handle);
        _userData.Free();
        return true;
    }
}
