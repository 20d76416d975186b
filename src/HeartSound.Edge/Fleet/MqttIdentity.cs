namespace HeartSound.Edge.Fleet;

/// <summary>Who connects.</summary>
internal sealed record MqttIdentity
{
    /// <summary>Unique at the broker.</summary>
    public required string ClientId { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>Retained, QoS 1; null leaves none.</summary>
    public MqttLastWill? Will { get; init; }
}

/// <summary>What the broker publishes for who goes without taking leave.</summary>
internal sealed record MqttLastWill(string Topic, byte[] Payload);
