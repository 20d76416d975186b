using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>Where verdicts wait for the broker, and how many of them.</summary>
public sealed record OutboxOptions
{
    [Description("Folder of the file in which verdicts wait; without it the state directory, and where there is none, memory.")]
    public string? Folder { get; init; }

    [Description("How much may wait, in megabytes of verdicts (2 KB each); the oldest go first.")]
    [Range(1, 10000)]
    public int MaxMegabytes { get; init; } = 64;

    [Description("How long a verdict may wait, in days that the device runs; the hours that it is off do not count, nor does a clock that is set.")]
    [Range(1, 3650)]
    public int MaxAgeDays { get; init; } = 90;
}
