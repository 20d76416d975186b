using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>The functions of libgpiod 2 (<c>gpiod.h</c>, libgpiod.so.3) by their native names. They set errno where they fail.</summary>
internal static unsafe partial class Gpiod2Native
{
    /// <summary>GPIOD_LINE_DIRECTION_INPUT.</summary>
    public const int Input = 2;

    /// <summary>GPIOD_LINE_DIRECTION_OUTPUT.</summary>
    public const int Output = 3;

    /// <summary>GPIOD_LINE_EDGE_BOTH.</summary>
    public const int BothEdges = 4;

    /// <summary>GPIOD_LINE_BIAS_PULL_UP.</summary>
    public const int PullUp = 4;

    /// <summary>GPIOD_EDGE_EVENT_RISING_EDGE.</summary>
    public const int RisingEdge = 1;

    static Gpiod2Native() => Libraries.Register();

    /// <summary>Belongs to libgpiod.</summary>
    [LibraryImport(Libraries.Gpiod2)]
    public static partial nint gpiod_api_version();

    [LibraryImport(Libraries.Gpiod2, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial nint gpiod_chip_open(string path);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial void gpiod_chip_close(nint chip);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial nint gpiod_chip_get_info(Gpiod2Chip chip);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial void gpiod_chip_info_free(nint info);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial nint gpiod_chip_info_get_name(nint info);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial nint gpiod_chip_info_get_label(nint info);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial nuint gpiod_chip_info_get_num_lines(nint info);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial nint gpiod_chip_get_line_info(Gpiod2Chip chip, uint offset);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial void gpiod_line_info_free(nint info);

    [LibraryImport(Libraries.Gpiod2)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool gpiod_line_info_is_used(nint info);

    /// <summary>Null where nobody uses the line, or has not said who it is.</summary>
    [LibraryImport(Libraries.Gpiod2)]
    public static partial nint gpiod_line_info_get_consumer(nint info);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial nint gpiod_line_settings_new();

    [LibraryImport(Libraries.Gpiod2)]
    public static partial void gpiod_line_settings_free(nint settings);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial int gpiod_line_settings_set_direction(nint settings, int direction);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial int gpiod_line_settings_set_edge_detection(nint settings, int edge);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial int gpiod_line_settings_set_bias(nint settings, int bias);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial int gpiod_line_settings_set_output_value(nint settings, int value);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial nint gpiod_line_config_new();

    [LibraryImport(Libraries.Gpiod2)]
    public static partial void gpiod_line_config_free(nint config);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial int gpiod_line_config_add_line_settings(nint config, uint* offsets, nuint count, nint settings);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial nint gpiod_request_config_new();

    [LibraryImport(Libraries.Gpiod2)]
    public static partial void gpiod_request_config_free(nint config);

    [LibraryImport(Libraries.Gpiod2, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void gpiod_request_config_set_consumer(nint config, string consumer);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial nint gpiod_chip_request_lines(Gpiod2Chip chip, nint requestConfig, nint lineConfig);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial void gpiod_line_request_release(nint request);

    /// <summary>Values in the order of the offsets that were asked for.</summary>
    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial int gpiod_line_request_set_values(Gpiod2Request request, int* values);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial int gpiod_line_request_get_values(Gpiod2Request request, int* values);

    /// <summary>1 when an event is there, 0 when the time is over, -1 on failure.</summary>
    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial int gpiod_line_request_wait_edge_events(Gpiod2Request request, long timeoutNanoseconds);

    /// <summary>How many events are in the buffer now; -1 on failure. Blocks while there is none.</summary>
    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial int gpiod_line_request_read_edge_events(Gpiod2Request request, nint buffer, nuint max);

    [LibraryImport(Libraries.Gpiod2, SetLastError = true)]
    public static partial nint gpiod_edge_event_buffer_new(nuint capacity);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial void gpiod_edge_event_buffer_free(nint buffer);

    /// <summary>Belongs to the buffer.</summary>
    [LibraryImport(Libraries.Gpiod2)]
    public static partial nint gpiod_edge_event_buffer_get_event(nint buffer, CULong index);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial int gpiod_edge_event_get_event_type(nint @event);

    [LibraryImport(Libraries.Gpiod2)]
    public static partial ulong gpiod_edge_event_get_timestamp_ns(nint @event);
}
