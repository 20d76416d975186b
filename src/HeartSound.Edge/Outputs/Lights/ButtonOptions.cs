using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>The button beside the lamps: short starts or stops an examination, long identifies the device.</summary>
public sealed record ButtonOptions
{
    [Description("Whether the board's button is used.")]
    public bool Enabled { get; init; } = true;

    [Description("How long a contact may bounce, in milliseconds.")]
    [Range(0, 500)]
    public int DebounceMs { get; init; } = 30;

    [Description("How long a press must last to identify the device, in seconds.")]
    [Range(0.5, 30.0)]
    public double LongPressSeconds { get; init; } = 2;
}
