using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>The functions of libgpiod 1.1 to 1.6 (<c>gpiod.h</c>, libgpiod.so.2) by their native names. They set errno where they fail.</summary>
internal static unsafe partial class Gpiod1Native
{
    /// <summary>GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP, known from 1.5 on.</summary>
    public const int PullUp = 1 << 5;

    /// <summary>GPIOD_LINE_EVENT_RISING_EDGE. (In 1.0, which is libgpiod.so.1, the enumerations began with 0.)</summary>
    public const int RisingEdge = 1;

    static Gpiod1Native() => Libraries.Register();

    /// <summary>Belongs to libgpiod.</summary>
    [LibraryImport(Libraries.Gpiod1)]
    public static partial nint gpiod_version_string();

    [LibraryImport(Libraries.Gpiod1, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial nint gpiod_chip_open(string path);

    /// <summary>Closes the chip, and releases and frees its lines.</summary>
    [LibraryImport(Libraries.Gpiod1)]
    public static partial void gpiod_chip_close(nint chip);

    [LibraryImport(Libraries.Gpiod1)]
    public static partial nint gpiod_chip_name(Gpiod1Chip chip);

    [LibraryImport(Libraries.Gpiod1)]
    public static partial nint gpiod_chip_label(Gpiod1Chip chip);

    [LibraryImport(Libraries.Gpiod1)]
    public static partial uint gpiod_chip_num_lines(Gpiod1Chip chip);

    /// <summary>The line belongs to the chip.</summary>
    [LibraryImport(Libraries.Gpiod1, SetLastError = true)]
    public static partial nint gpiod_chip_get_line(Gpiod1Chip chip, uint offset);

    [LibraryImport(Libraries.Gpiod1)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool gpiod_line_is_used(nint line);

    /// <summary>Null where nobody uses the line, or has not said who it is.</summary>
    [LibraryImport(Libraries.Gpiod1)]
    public static partial nint gpiod_line_consumer(nint line);

    [LibraryImport(Libraries.Gpiod1, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int gpiod_line_request_bulk_output(LineBulk* bulk, string consumer, int* values);

    [LibraryImport(Libraries.Gpiod1, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int gpiod_line_request_both_edges_events_flags(nint line, string consumer, int flags);

    [LibraryImport(Libraries.Gpiod1, SetLastError = true)]
    public static partial int gpiod_line_set_value_bulk(LineBulk* bulk, int* values);

    [LibraryImport(Libraries.Gpiod1, SetLastError = true)]
    public static partial int gpiod_line_get_value_bulk(LineBulk* bulk, int* values);

    /// <summary>1 when an event is there, 0 when the time is over, -1 on failure.</summary>
    [LibraryImport(Libraries.Gpiod1, SetLastError = true)]
    public static partial int gpiod_line_event_wait(nint line, TimeSpec* timeout);

    /// <summary>Blocks while there is no event.</summary>
    [LibraryImport(Libraries.Gpiod1, SetLastError = true)]
    public static partial int gpiod_line_event_read(nint line, LineEvent* @event);

    /// <summary><c>struct timespec</c> of a 64-bit system.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary><c>struct gpiod_line_event</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LineEvent
    {
        public TimeSpec Time;
        public int Type;
    }

    /// <summary><c>struct gpiod_line_bulk</c>: up to 64 pointers to lines, and how many.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LineBulk
    {
        public const int MaxLines = 64;

        public fixed ulong Lines[MaxLines];
        public uint Count;
    }
}
