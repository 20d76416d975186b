using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Hosting.Heat;

/// <summary>What the device does when it gets hot. Two steps: first it thinks less often, then it pauses.</summary>
public sealed record HeatOptions
{
    [Description("Temperature of the hottest zone from which every second window is left out, in °C.")]
    [Range(40.0, 110.0)]
    public double SlowAboveCelsius { get; init; } = 85;

    [Description("Temperature of the hottest zone from which the device pauses, in °C.")]
    [Range(45.0, 115.0)]
    public double PauseAboveCelsius { get; init; } = 95;

    [Description("How far it must cool below a step before the step is taken back, in °C.")]
    [Range(1.0, 30.0)]
    public double HysteresisCelsius { get; init; } = 5;
}
