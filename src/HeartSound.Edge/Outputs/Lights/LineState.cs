using HeartSound.Native;
using HeartSound.Native.Gpiod;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>How lamps and button are, as a cause in <see cref="Health.DeviceHealth"/>. Names on the wire: only ever added.</summary>
public enum LineState
{
    Working,

    /// <summary>A lamp's line reads otherwise than it was set.</summary>
    ReadBack,

    /// <summary>The button has read pressed for so long that nobody can be pressing it.</summary>
    Stuck,

    NoChip,
    NoSuchLabel,
    Busy,
    Forbidden,
    OutOfRange,
    Gone,
    Unsupported,

    /// <summary>libgpiod is not installed.</summary>
    LibraryMissing,

    Failed,
}

/// <summary>From exceptions to states.</summary>
internal static class LineStates
{
    public static LineState Of(Exception exception) => exception switch
    {
        NativeLibraryMissingException => LineState.LibraryMissing,
        GpioException gpio => Enum.Parse<LineState>(gpio.Fault.ToString()),
        _ => LineState.Failed,
    };
}
