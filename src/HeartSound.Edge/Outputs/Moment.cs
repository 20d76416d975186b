namespace HeartSound.Edge.Outputs;

/// <summary>When something was, by every clock that the device has. Immutable.</summary>
/// <param name="Time">Wall-clock time, UTC.</param>
/// <param name="MonotonicSeconds">Seconds since the device started, by a clock that nobody sets (<c>CLOCK_MONOTONIC</c>).</param>
/// <param name="BootId">Of the start of the machine that <paramref name="MonotonicSeconds"/> counts from; empty where the kernel does not tell.</param>
/// <param name="ClockSynced">Whether <paramref name="Time"/> can be believed: somebody keeps the clock to the time of a server. Null when nobody says.</param>
public readonly record struct Moment(DateTimeOffset Time, double MonotonicSeconds, Guid BootId, bool? ClockSynced);
