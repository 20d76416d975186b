using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>Owns a <c>struct gpiod_chip</c> of libgpiod 1, and with it every line that was asked for on it.</summary>
internal sealed class Gpiod1Chip : SafeHandle
{
    public Gpiod1Chip(nint chip)
        : base(0, ownsHandle: true) => SetHandle(chip);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Gpiod1Native.gpiod_chip_close(handle);
        return true;
    }
}
