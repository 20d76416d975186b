using System.Runtime.InteropServices;

namespace HeartSound.Native.LibC;

/// <summary>What the C library and the kernel say about themselves.</summary>
public static class SystemFacts
{
    // struct timex has 208 bytes on 64-bit Linux (sys/timex.h); its first member, modes, is 0 for a question.
    private const int TimexBytes = 256;
    private const int TimeError = 5;

    /// <summary>Release of glibc, such as <c>2.27</c>.</summary>
    public static string LibCVersion => Marshal.PtrToStringUTF8(LibCNative.gnu_get_libc_version()) ?? "";

    /// <summary>Whether somebody keeps the kernel's clock to the time of a server (<c>adjtimex(2)</c> does not say TIME_ERROR); null where it may not be asked.</summary>
    public static unsafe bool? IsClockSynchronized
    {
        get
        {
            var timex = stackalloc byte[TimexBytes];
            new Span<byte>(timex, TimexBytes).Clear();
            var state = LibCNative.adjtimex(timex);
            return state < 0 ? null : state != TimeError;
        }
    }
}
