namespace HeartSound.Edge.Hosting.Heat;

/// <summary>How often a Jetson Orin's power watchdog has slowed it down since it was switched on. <see cref="UnderVoltage"/> means a power supply or a cable that is
/// too weak; <see cref="OverCurrent"/> also counts harmless spikes in the fastest power mode.</summary>
/// <remarks>Source: NVIDIA, Jetson Linux Developer Guide r35.6 and r36.3, "Platform Power and Performance, Orin": OC1 under-voltage, OC2 average and OC3 instantaneous over-current,
/// <c>/sys/class/hwmon/hwmon*/oc[123]_event_cnt</c> of the driver <c>soctherm_oc</c>. Older boards only say so in the kernel's log.</remarks>
/// <param name="UnderVoltage">Times that the input voltage fell too low.</param>
/// <param name="AverageOverCurrent">Times that the mean current was too high.</param>
/// <param name="OverCurrent">Times that the current was too high for a moment.</param>
public sealed record PowerEvents(long UnderVoltage, long AverageOverCurrent, long OverCurrent);
