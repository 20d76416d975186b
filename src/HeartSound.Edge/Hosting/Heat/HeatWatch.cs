using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Hosting.Heat;

/// <summary>
/// Decides how much the device works, by its hottest zone, and says so in <see cref="DeviceHealth"/> as <see cref="DevicePart.Heat"/>. One thread calls <see cref="Look"/>, about
/// every 5 s; <see cref="Step"/> and <see cref="Reading"/> may be read from any.
/// <code>
///            slowAbove                pauseAbove
///  Normal ──────────────→ Slow ────────────────────→ Paused
///         ←──────────────      ←────────────────────
///      slowAbove − hysteresis   pauseAbove − hysteresis
/// </code>
/// </summary>
/// <remarks>
/// A machine that never had a temperature works as ever. Temperatures that are gone are another matter: for a minute the last step stays, then it is <see cref="HeatStep.Slow"/>.
/// Pausing would lose every verdict because of a sensor, and going on at full speed would make heat that nobody sees; half the work is safe in both ways, and the processor's own
/// protection, which slows it down at 97 °C and switches it off above 102 °C, needs no program.
/// </remarks>
public sealed partial class HeatWatch(HeatOptions options, HeatSensors sensors, DeviceHealth health, TimeProvider time, ILogger<HeatWatch> log)
{
    /// <summary>How long the last step outlives the last temperature.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private HeatReading _reading = HeatReading.Nothing;
    private volatile HeatStep _step;
    private long? _felt;

    /// <summary>Where the steps are. Any thread may set them; they count from the next <see cref="Look"/> on.</summary>
    public HeatOptions Options { get; set; } = options;

    /// <summary>How much the device may work; changes only in <see cref="Look"/>.</summary>
    public HeatStep Step => _step;

    /// <summary>What the last <see cref="Look"/> found, to be published.</summary>
    public HeatReading Reading => Volatile.Read(ref _reading);

    /// <summary>Reads the sensors, takes the step that fits, and reports it.</summary>
    public HeatStep Look()
    {
        var before = Reading;
        var now = sensors.Read();
        Volatile.Write(ref _reading, now);
        if (now.Hottest is not null) _felt = time.GetTimestamp();
        var lost = now.Hottest is null && _felt is not null;
        if (lost && time.GetElapsedTime(_felt!.Value) < Patience) return _step;

        var step = now.Hottest is { } hottest ? After(hottest.Celsius) : lost ? HeatStep.Slow : HeatStep.Normal;
        if (step != _step) LogStep(_step, step, now.Hottest?.Name, now.Hottest?.Celsius);
        _step = step;
        Report(now, lost);
        CountPower(before.PowerEvents, now.PowerEvents);
        return step;
    }

    private HeatStep After(double celsius)
    {
        var pause = Options.PauseAboveCelsius - (_step == HeatStep.Paused ? Options.HysteresisCelsius : 0);
        var slow = Options.SlowAboveCelsius - (_step == HeatStep.Normal ? 0 : Options.HysteresisCelsius);
        return celsius >= pause ? HeatStep.Paused : celsius >= slow ? HeatStep.Slow : HeatStep.Normal;
    }

    private void Report(HeatReading now, bool lost)
    {
        if (lost)
        {
            health.Report(DevicePart.Heat, PartLevel.Degraded, HeatCause.SensorsLost, "the temperatures cannot be read any more; every second window is left out. Start the device again; if it stays so, look at 'dmesg'");
            return;
        }

        if (now.Hottest is not { } hottest)
        {
            health.Report(DevicePart.Heat, PartLevel.Ok, HeatCause.NoSensors);
            return;
        }

        var text = FormattableString.Invariant($"{hottest.Name} is {hottest.Celsius:0.0} °C");
        if (_step == HeatStep.Paused)
            health.Report(DevicePart.Heat, PartLevel.Failed, HeatCause.Paused, FormattableString.Invariant($"{text}: too hot, the device pauses until it is below {Options.PauseAboveCelsius - Options.HysteresisCelsius:0.#} °C. Let air to it, out of the sun"));
        else if (_step == HeatStep.Slow)
            health.Report(DevicePart.Heat, PartLevel.Degraded, HeatCause.Slow, FormattableString.Invariant($"{text}: hot, every second window is left out until it is below {Options.SlowAboveCelsius - Options.HysteresisCelsius:0.#} °C. Let air to it, out of the sun"));
        else if (now.Throttled)
            health.Report(DevicePart.Heat, PartLevel.Degraded, HeatCause.Throttled, $"{text}, and the board slows itself down ({string.Join(", ", now.ThrottledBy)}). Let air to it, out of the sun");
        else
            health.Report(DevicePart.Heat, PartLevel.Ok, HeatCause.Normal, text);
    }

    private void CountPower(PowerEvents? before, PowerEvents? now)
    {
        if (before is null || now is null) return;
        if (now.UnderVoltage > before.UnderVoltage)
        {
            health.Count("underVoltage", now.UnderVoltage - before.UnderVoltage);
            LogUnderVoltage(now.UnderVoltage);
        }

        var current = now.AverageOverCurrent + now.OverCurrent - before.AverageOverCurrent - before.OverCurrent;
        if (current > 0) health.Count("overCurrent", current);
    }

    [LoggerMessage(1501, LogLevel.Warning, "From {Before} to {After}: {Zone} is {Celsius} °C")]
    private partial void LogStep(HeatStep before, HeatStep after, string? zone, double? celsius);

    [LoggerMessage(1502, LogLevel.Warning, "The input voltage fell too low, {Times} times since the board was switched on: use a stronger power supply or a shorter cable")]
    private partial void LogUnderVoltage(long times);
}
