namespace HeartSound.Native.Gpiod;

/// <summary>A line that is driven.</summary>
/// <param name="Line">Offset on its chip.</param>
/// <param name="ActiveLow">Whether on means low voltage.</param>
public readonly record struct GpioOutputLine(int Line, bool ActiveLow = false);
