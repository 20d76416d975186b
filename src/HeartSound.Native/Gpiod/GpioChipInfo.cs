namespace HeartSound.Native.Gpiod;

/// <summary>A GPIO chip of the machine.</summary>
/// <param name="Path">Such as <c>/dev/gpiochip0</c>. The number changes from boot to boot.</param>
/// <param name="Name">Its name in the kernel, such as <c>gpiochip0</c>; null where it cannot be opened.</param>
/// <param name="Label">By which it is known, such as <c>tegra-gpio</c>; null where it cannot be opened.</param>
/// <param name="Lines">How many it has.</param>
/// <param name="Fault">Why it cannot be opened; null where it can.</param>
public sealed record GpioChipInfo(string Path, string? Name, string? Label, int Lines, string? Fault);
