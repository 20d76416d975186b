namespace HeartSound.Native.Gpiod;

/// <summary>Why a GPIO line cannot be used.</summary>
public enum GpioFault
{
    /// <summary>The machine has no <c>/dev/gpiochip*</c>.</summary>
    NoChip,

    /// <summary>No chip has the label.</summary>
    NoSuchLabel,

    /// <summary>Somebody else uses the line.</summary>
    Busy,

    /// <summary>This user may not open the chip.</summary>
    Forbidden,

    /// <summary>The chip has fewer lines.</summary>
    OutOfRange,

    /// <summary>The chip was there and is not any more.</summary>
    Gone,

    /// <summary>The kernel does not speak the library's language.</summary>
    Unsupported,

    /// <summary>Anything else; the message has errno's text.</summary>
    Failed,
}
