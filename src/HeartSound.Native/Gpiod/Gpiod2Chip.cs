using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>Owns a <c>struct gpiod_chip</c> of libgpiod 2. Requests live on without it.</summary>
internal sealed class Gpiod2Chip : SafeHandle
{
    public Gpiod2Chip(nint chip)
        : base(0, ownsHandle: true) => SetHandle(chip);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Gpiod2Native.gpiod_chip_close(handle);
        return true;
    }
}
