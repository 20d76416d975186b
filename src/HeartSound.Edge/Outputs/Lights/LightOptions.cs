using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>Which lamps the device has.</summary>
public sealed record LightOptions
{
    [Description("What shows the lights: 'auto' (GPIO on a board that is known, else none), 'gpio', 'terminal' (a line on standard error), or 'none'.")]
    public LightKind Kind { get; init; } = LightKind.Auto;

    [Description("Board file: a name from deploy/boards such as jetson-nano, a path, or 'auto' to ask the device tree.")]
    public string Board { get; init; } = "auto";

    [Description("Whether every lamp is lit once at the start, so that a dead one is seen.")]
    public bool LampTest { get; init; } = true;

    [Description("How long a verdict stays lit when nothing new comes, in seconds.")]
    [Range(5.0, 86400.0)]
    public double VerdictSeconds { get; init; } = 120;
}

/// <summary>What shows the lights.</summary>
public enum LightKind
{
    Auto,
    Gpio,
    Terminal,
    None,
}
