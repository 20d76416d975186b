using System.Text.Json;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Outputs.Delivery;

namespace HeartSound.Edge.Outputs;

/// <summary>How every part of a device is (<c>docs/mqtt/health.schema.json</c>): after every change, and once a minute. Retained. Immutable.</summary>
public sealed record HealthMessage : DeviceMessage
{
    /// <summary>The worst of all parts.</summary>
    public required PartLevel Level { get; init; }

    /// <summary>Each part that has something to say: capture, model, engine, lights, button, broker, outbox, clock, heat, record, settings.</summary>
    public required IReadOnlyDictionary<DevicePart, PartHealth> Parts { get; init; }

    /// <summary>What was counted since the start of the session, such as <c>unplugged</c> or <c>lostSamples</c>.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    /// <summary>Seconds since the start of the session.</summary>
    public required double UptimeSeconds { get; init; }

    /// <summary>Null before one is loaded.</summary>
    public required ModelPart? Model { get; init; }

    /// <summary>What really runs the network; null before one is loaded.</summary>
    public required string? Provider { get; init; }

    /// <summary>What was asked to run the network, what does, and how far a new engine has come; null before a model is loaded.</summary>
    public EnginePart? Engine { get; init; }

    /// <summary>Temperatures and power; null on a machine that does not tell.</summary>
    public HeatReading? Heat { get; init; }

    /// <summary>What waits for the broker; null without one.</summary>
    public OutboxPart? Outbox { get; init; }

    public required string Software { get; init; }

    /// <summary>As one line of JSON, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EdgeJson.Compact);
}
