using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>Lines of libgpiod 1; they belong to the chip and go with it.</summary>
internal sealed unsafe class Gpiod1Request(Gpiod1Chip chip) : IGpiodRequest
{
    private Gpiod1Native.LineBulk _bulk;

    public int Add(ReadOnlySpan<uint> lines)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lines.Length, Gpiod1Native.LineBulk.MaxLines);
        foreach (var offset in lines)
        {
            var line = Gpiod1Native.gpiod_chip_get_line(chip, offset);
            if (line == 0) return Marshal.GetLastPInvokeError();
            _bulk.Lines[_bulk.Count++] = (ulong)line;
        }

        return 0;
    }

    public int TakeOutputs(string consumer, ReadOnlySpan<int> values)
    {
        fixed (Gpiod1Native.LineBulk* bulk = &_bulk)
        fixed (int* first = values)
            return Errno(Gpiod1Native.gpiod_line_request_bulk_output(bulk, consumer, first));
    }

    public int TakeInput(string consumer, int flags) => Errno(Gpiod1Native.gpiod_line_request_both_edges_events_flags((nint)_bulk.Lines[0], consumer, flags));

    public int Set(ReadOnlySpan<int> values)
    {
        ObjectDisposedException.ThrowIf(chip.IsClosed, this);
        fixed (Gpiod1Native.LineBulk* bulk = &_bulk)
        fixed (int* first = values)
            return Errno(Gpiod1Native.gpiod_line_set_value_bulk(bulk, first));
    }

    public int Get(Span<int> values)
    {
        ObjectDisposedException.ThrowIf(chip.IsClosed, this);
        fixed (Gpiod1Native.LineBulk* bulk = &_bulk)
        fixed (int* first = values)
            return Errno(Gpiod1Native.gpiod_line_get_value_bulk(bulk, first));
    }

    public int Wait(TimeSpan timeout, out bool isThere)
    {
        ObjectDisposedException.ThrowIf(chip.IsClosed, this);
        var time = new Gpiod1Native.TimeSpec { Seconds = timeout.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick };
        var result = Gpiod1Native.gpiod_line_event_wait((nint)_bulk.Lines[0], &time);
        isThere = result > 0;
        return Errno(result);
    }

    public int Read(out bool isRising, out ulong nanoseconds)
    {
        ObjectDisposedException.ThrowIf(chip.IsClosed, this);
        Gpiod1Native.LineEvent edge;
        var result = Gpiod1Native.gpiod_line_event_read((nint)_bulk.Lines[0], &edge);
        isRising = result == 0 && edge.Type == Gpiod1Native.RisingEdge;
        nanoseconds = result == 0 ? ((ulong)edge.Time.Seconds * 1_000_000_000) + (ulong)edge.Time.Nanoseconds : 0;
        return Errno(result);
    }

    public void Dispose() => chip.Dispose();

    private static int Errno(int result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;
}
