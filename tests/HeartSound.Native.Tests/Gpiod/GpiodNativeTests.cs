using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HeartSound.Native.Gpiod;

namespace HeartSound.Native.Tests.Gpiod;

public sealed unsafe class GpiodNativeTests
{
    [Fact]
    public void LineEvent_Layout_IsThatOfTheHeader()
    {
        // struct gpiod_line_event { struct timespec ts; int event_type; } on a 64-bit system.
        Assert.Equal(24, sizeof(Gpiod1Native.LineEvent));
        Assert.Equal(0, (int)Marshal.OffsetOf<Gpiod1Native.LineEvent>(nameof(Gpiod1Native.LineEvent.Time)));
        Assert.Equal(16, (int)Marshal.OffsetOf<Gpiod1Native.LineEvent>(nameof(Gpiod1Native.LineEvent.Type)));
        Assert.Equal(16, sizeof(Gpiod1Native.TimeSpec));
        Assert.Equal(8, (int)Marshal.OffsetOf<Gpiod1Native.TimeSpec>(nameof(Gpiod1Native.TimeSpec.Nanoseconds)));
    }

    [Fact]
    public void LineBulk_Layout_IsThatOfTheHeader()
    {
        // struct gpiod_line_bulk { struct gpiod_line *lines[64]; unsigned int num_lines; } on a 64-bit system.
        Assert.Equal(520, Unsafe.SizeOf<Gpiod1Native.LineBulk>());
        Assert.Equal(512, (int)Marshal.OffsetOf<Gpiod1Native.LineBulk>(nameof(Gpiod1Native.LineBulk.Count)));
    }

    [Fact]
    public void Functions_OfTheInstalledLibgpiod1_AreAllThere()
    {
        var library = NativeLibrary.Load(Libraries.Gpiod1);
        var names = typeof(Gpiod1Native).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => m.Name.StartsWith("gpiod_", StringComparison.Ordinal)).Select(m => m.Name).ToList();
        Assert.True(names.Count > 10);
        Assert.All(names, name => Assert.True(NativeLibrary.TryGetExport(library, name, out _), name));
    }

    [Fact]
    public void Open_OfTheInstalledLibgpiod1OnWhatIsNoChip_FailsAsWeTakeIt()
    {
        var open = (delegate* unmanaged[Cdecl]<byte*, nint>)NativeLibrary.GetExport(NativeLibrary.Load(Libraries.Gpiod1), "gpiod_chip_open");
        Assert.Equal(GpioFault.Gone, GpioErrno.FaultOf(Errno("/dev/no-such-chip\0"u8)));
        Assert.Equal(GpioFault.Unsupported, GpioErrno.FaultOf(Errno("/dev/null\0"u8)));

        int Errno(ReadOnlySpan<byte> path)
        {
            fixed (byte* first = path) Assert.Equal(0, open(first));
            return Marshal.GetLastSystemError();
        }
    }
}
