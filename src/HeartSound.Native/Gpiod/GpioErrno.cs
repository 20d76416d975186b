using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>The error numbers that the GPIO character device gives (<c>errno.h</c>), and what they mean.</summary>
internal static class GpioErrno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int NoSuchAddress = 6;
    public const int Access = 13;
    public const int Busy = 16;
    public const int NoDevice = 19;
    public const int Invalid = 22;
    public const int NotTty = 25;
    public const int NotSupported = 95;

    public static GpioFault FaultOf(int errno) => errno switch
    {
        Busy => GpioFault.Busy,
        NotPermitted or Access => GpioFault.Forbidden,
        NoEntry or NoSuchAddress or NoDevice => GpioFault.Gone,
        NotTty or NotSupported => GpioFault.Unsupported,
        _ => GpioFault.Failed,
    };

    /// <summary>Operation, native text and number, and what to do.</summary>
    public static GpioException Fail(string operation, int errno)
    {
        var fault = FaultOf(errno);
        var advice = fault switch
        {
            GpioFault.Forbidden => " " + ForbiddenAdvice,
            GpioFault.Gone => " The chip has gone; it is looked for again.",
            GpioFault.Unsupported => " Is it a GPIO chip, and does this kernel have its interface?",
            _ => "",
        };
        return new GpioException(fault, $"{operation} failed: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}).{advice}", errno);
    }

    public const string ForbiddenAdvice =
        "Put the user into the group that owns /dev/gpiochip* (sudo usermod -aG gpio USER, then log in again) and install deploy/udev/60-heartsound.rules; "
        + "a service needs SupplementaryGroups=gpio and DeviceAllow=char-gpiochip rw.";
}
