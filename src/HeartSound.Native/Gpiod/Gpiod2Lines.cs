using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>Lines of libgpiod 2.</summary>
internal sealed unsafe class Gpiod2Lines : IGpiodRequest
{
    private readonly Gpiod2Chip _chip;
    private readonly Gpiod2Request _lines;
    private nint _buffer;

    public Gpiod2Lines(Gpiod2Chip chip, Gpiod2Request lines, bool hasEdges)
    {
        _chip = chip;
        _lines = lines;
        if (hasEdges) _buffer = Gpiod2Native.gpiod_edge_event_buffer_new(1);
    }

    public int Set(ReadOnlySpan<int> values)
    {
        fixed (int* first = values) return Errno(Gpiod2Native.gpiod_line_request_set_values(_lines, first));
    }

    public int Get(Span<int> values)
    {
        fixed (int* first = values) return Errno(Gpiod2Native.gpiod_line_request_get_values(_lines, first));
    }

    public int Wait(TimeSpan timeout, out bool isThere)
    {
        var result = Gpiod2Native.gpiod_line_request_wait_edge_events(_lines, timeout.Ticks * TimeSpan.NanosecondsPerTick);
        isThere = result > 0;
        return Errno(result);
    }

    public int Read(out bool isRising, out ulong nanoseconds)
    {
        ObjectDisposedException.ThrowIf(_buffer == 0, this);
        var result = Gpiod2Native.gpiod_line_request_read_edge_events(_lines, _buffer, 1);
        var edge = result > 0 ? Gpiod2Native.gpiod_edge_event_buffer_get_event(_buffer, new CULong(0)) : 0;
        isRising = edge != 0 && Gpiod2Native.gpiod_edge_event_get_event_type(edge) == Gpiod2Native.RisingEdge;
        nanoseconds = edge == 0 ? 0 : Gpiod2Native.gpiod_edge_event_get_timestamp_ns(edge);
        return Errno(result);
    }

    public void Dispose()
    {
        if (_buffer != 0) Gpiod2Native.gpiod_edge_event_buffer_free(_buffer);
        _buffer = 0;
        _lines.Dispose();
        _chip.Dispose();
    }

    private static int Errno(int result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;
}
