using System.Text.Json.Serialization;

namespace HeartSound.Edge.Outputs;

/// <summary>What every message of a device says, version 1 of the contract (<c>docs/mqtt/</c>): who, in which run of the program, and when by every clock. Fields are only ever added. Immutable.</summary>
public abstract record DeviceMessage
{
    [JsonPropertyOrder(-9)]
    public int Schema { get; init; } = 1;

    [JsonPropertyOrder(-8)]
    public required string Device { get; init; }

    /// <summary>Of this run of the program.</summary>
    [JsonPropertyOrder(-7)]
    public required Guid Session { get; init; }

    /// <summary>Wall-clock time, UTC.</summary>
    [JsonRequired]
    [JsonPropertyOrder(-6)]
    public DateTimeOffset Time { get; init; }

    /// <summary>Seconds since the device started, by a clock that nobody sets.</summary>
    [JsonRequired]
    [JsonPropertyOrder(-5)]
    public double MonotonicSeconds { get; init; }

    /// <summary>Of the start that <see cref="MonotonicSeconds"/> counts from. Of two messages with the same one the true distance in time is known, whatever their clocks said.</summary>
    [JsonPropertyOrder(-4)]
    public Guid BootId { get; init; }

    /// <summary>Whether <see cref="Time"/> can be believed; null when the device does not know.</summary>
    [JsonPropertyOrder(-3)]
    public bool? ClockSynced { get; init; }

    /// <summary>All of the four above.</summary>
    [JsonIgnore]
    public Moment At
    {
        get => new(Time, MonotonicSeconds, BootId, ClockSynced);
        init => (Time, MonotonicSeconds, BootId, ClockSynced) = value;
    }
}
