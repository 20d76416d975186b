namespace HeartSound.Edge.Fleet;

/// <summary>What a simulated fleet does. Immutable.</summary>
internal sealed record FleetOptions
{
    /// <summary>At least one. A client whose connection fails or ends goes to the next.</summary>
    public required IReadOnlyList<BrokerEndpoint> Brokers { get; init; }

    public required int Devices { get; init; }

    /// <summary>Devices are called this and their number.</summary>
    public required string Prefix { get; init; }

    /// <summary>From one verdict of a device to its next; zero for as fast as the broker acknowledges them.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>Verdicts of each device; null for as many as <see cref="Duration"/> gives time for.</summary>
    public int? Verdicts { get; init; }

    /// <summary>How long verdicts are made, from the moment at which all devices have started.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>From the first device's start to the last one's.</summary>
    public required TimeSpan Ramp { get; init; }

    /// <summary>How long what was sent may take to arrive after the last verdict was made.</summary>
    public required TimeSpan Drain { get; init; }

    /// <summary>Whether devices say twice a second what they hear.</summary>
    public required bool Live { get; init; }

    /// <summary>What the consumers subscribe to.</summary>
    public required Consumption Consume { get; init; }

    /// <summary>How many there are, each with a connection of its own.</summary>
    public required int Consumers { get; init; }

    /// <summary>Consumers share the verdicts under this name (<c>$share/…</c>); null gives every consumer every verdict.</summary>
    public string? Group { get; init; }

    /// <summary>Whether the broker keeps verdicts for a consumer that is away.</summary>
    public bool Durable { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>Processes whose memory and processor time are told beside our own.</summary>
    public IReadOnlyList<int> BrokerProcesses { get; init; } = [];

    /// <summary>The same seed gives the same verdicts.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>What the consumers of a simulated fleet subscribe to.</summary>
internal enum Consumption
{
    /// <summary>There is none.</summary>
    None,

    Verdicts,

    /// <summary>Verdicts, and what is heard right now.</summary>
    All,
}
