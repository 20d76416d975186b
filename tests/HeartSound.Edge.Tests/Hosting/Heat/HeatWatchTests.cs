using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting.Heat;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Hosting.Heat;

public sealed class HeatWatchTests : IDisposable
{
    private static readonly HeatOptions Options = new() { SlowAboveCelsius = 85, PauseAboveCelsius = 95, HysteresisCelsius = 5 };

    private readonly BoardFolder _board = new();
    private readonly ManualTime _time = new();
    private readonly DeviceHealth _health;
    private readonly HeatWatch _watch;
    private readonly string _zone;

    public HeatWatchTests()
    {
        _zone = _board.Zone("CPU-therm", "40000");
        _health = new DeviceHealth(_time, NullLogger<DeviceHealth>.Instance);
        _watch = new HeatWatch(Options, _board.Sensors, _health, _time, NullLogger<HeatWatch>.Instance);
    }

    public void Dispose() => _board.Dispose();

    [Fact]
    public void Look_TemperatureRisesAndFalls_StepsHaveHysteresis()
    {
        (double Celsius, HeatStep Step)[] way =
        [
            (84.9, HeatStep.Normal), (85, HeatStep.Slow), (81, HeatStep.Slow), (80, HeatStep.Slow), (79.9, HeatStep.Normal), (84.9, HeatStep.Normal),
            (86, HeatStep.Slow), (95, HeatStep.Paused), (90, HeatStep.Paused), (89.9, HeatStep.Slow), (94.9, HeatStep.Slow), (97, HeatStep.Paused), (70, HeatStep.Normal),
        ];

        foreach (var (celsius, step) in way) Assert.Equal((celsius, step), (celsius, LookAt(celsius)));
    }

    [Theory]
    [InlineData(60, PartLevel.Ok, "normal")]
    [InlineData(90, PartLevel.Degraded, "slow")]
    [InlineData(96, PartLevel.Failed, "paused")]
    public void Look_Step_IsReportedWithZoneAndTemperature(double celsius, PartLevel level, string cause)
    {
        LookAt(celsius);

        var heat = _health.Parts[DevicePart.Heat];
        Assert.Equal((level, cause), (heat.Level, heat.Cause));
        Assert.Contains(FormattableString.Invariant($"CPU-therm is {celsius:0.0} °C"), heat.Message, StringComparison.Ordinal);
        Assert.Equal(celsius, _watch.Reading.Hottest!.Celsius);
    }

    [Fact]
    public void Look_BoardThrottlesWhileCool_IsDegradedAndGoesOn()
    {
        _board.Cooler("cpu-balanced", 2);

        Assert.Equal(HeatStep.Normal, LookAt(60));
        Assert.Equal((PartLevel.Degraded, "throttled"), (_health.Parts[DevicePart.Heat].Level, _health.Parts[DevicePart.Heat].Cause));
    }

    [Theory]
    [InlineData(40, HeatStep.Normal)]
    [InlineData(90, HeatStep.Slow)]
    [InlineData(99, HeatStep.Paused)]
    public void Look_SensorsVanish_StepStaysAMinuteThenIsSlow(double celsius, HeatStep step)
    {
        LookAt(celsius);
        _board.RemoveThermal();

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(step, _watch.Look());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HeatStep.Slow, _watch.Look());
        Assert.Equal((PartLevel.Degraded, "sensorsLost"), (_health.Parts[DevicePart.Heat].Level, _health.Parts[DevicePart.Heat].Cause));

        _board.Zone("CPU-therm", "40000");
        Assert.Equal(HeatStep.Normal, _watch.Look());
        Assert.Equal(PartLevel.Ok, _health.Parts[DevicePart.Heat].Level);
    }

    [Fact]
    public void Look_MachineThatNeverHadSensors_WorksAsEver()
    {
        _board.RemoveThermal();

        Assert.Equal(HeatStep.Normal, _watch.Look());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HeatStep.Normal, _watch.Look());
        Assert.Equal((PartLevel.Ok, "noSensors"), (_health.Parts[DevicePart.Heat].Level, _health.Parts[DevicePart.Heat].Cause));
    }

    [Fact]
    public void Look_PowerEventsGrow_AreCountedFromTheSecondLookOn()
    {
        _board.PowerEvents(3, 0, 10);
        LookAt(40);
        _board.PowerEvents(5, 1, 12);
        LookAt(40);

        Assert.Equal(2, _health.Counters["underVoltage"]);
        Assert.Equal(3, _health.Counters["overCurrent"]);
    }

    private HeatStep LookAt(double celsius)
    {
        _board.Write($"{_zone}/temp", FormattableString.Invariant($"{celsius * 1000:0}\n"));
        return _watch.Look();
    }
}
