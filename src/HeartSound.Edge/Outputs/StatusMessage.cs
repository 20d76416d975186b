using System.Text.Json;

namespace HeartSound.Edge.Outputs;

/// <summary>Whether a device is there (<c>docs/mqtt/status.schema.json</c>). Retained. Of the last will the time is that of the connect.</summary>
public sealed record StatusMessage : DeviceMessage
{
    public required DeviceStatus Status { get; init; }
    public required string Software { get; init; }

    /// <summary>As one line of JSON, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EdgeJson.Compact);

    /// <exception cref="JsonException">It is no status of a version that this program knows.</exception>
    public static StatusMessage FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<StatusMessage>(json, EdgeJson.Compact) is { Schema: 1 } message ? message : throw new JsonException("not a status of schema 1");
}

/// <summary>Whether a device is there.</summary>
public enum DeviceStatus
{
    /// <summary>The last will: the broker has lost the device.</summary>
    Offline,

    Online,

    /// <summary>Ended on purpose.</summary>
    Stopped,
}
