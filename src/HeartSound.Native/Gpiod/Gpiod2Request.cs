using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>Owns a <c>struct gpiod_line_request</c> of libgpiod 2.</summary>
internal sealed class Gpiod2Request : SafeHandle
{
    public Gpiod2Request(nint request)
        : base(0, ownsHandle: true) => SetHandle(request);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Gpiod2Native.gpiod_line_request_release(handle);
        return true;
    }
}
