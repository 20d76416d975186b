namespace HeartSound.Native.Gpiod;

/// <summary>A change of an input line.</summary>
/// <param name="Active">What it is since.</param>
/// <param name="Time">When the kernel saw it, on the monotonic clock: that of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>, from 0.</param>
public readonly record struct GpioEdge(bool Active, TimeSpan Time);
