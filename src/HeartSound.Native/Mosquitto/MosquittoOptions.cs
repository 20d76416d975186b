namespace HeartSound.Native.Mosquitto;

/// <summary>How this device reaches its broker: MQTT 5 where library and broker can, else 3.1.1, over TCP or TLS.</summary>
public sealed record MosquittoOptions
{
    /// <summary>Host name or address. Default: localhost.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>1 to 65535. Default: 1883.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>Unique at the broker: a second client of the same id throws the first out. Null has one chosen.</summary>
    public string? ClientId { get; init; }

    /// <summary>
    /// After one and a half times this long without a sign of life the broker publishes the will; after twice this long without one of the broker the client takes the connection for dead.
    /// Whole seconds, 5 s to 65535 s. Default: 20 s.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the broker may leave messages of QoS 1 and 2 without any acknowledgement before the connection is taken for dead. Positive. Default: 30 s.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Null connects without a name.</summary>
    public string? Username { get; init; }

    /// <summary>Used with <see cref="Username"/> only; never part of a text.</summary>
    public string? Password { get; init; }

    /// <summary>Null speaks plain text.</summary>
    public MosquittoTls? Tls { get; init; }

    /// <summary>Null leaves none.</summary>
    public MosquittoWill? Will { get; init; }

    /// <summary>The shortest wait between two attempts; how long it is, is chosen at random, from twice as wide a range with every failure. Positive. Default: 1 s.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts; at least <see cref="ReconnectDelay"/>. Default: 2 min.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How many messages of QoS 1 and 2 may await their acknowledgement, in memory, while the broker is away or slow; further
    /// ones are not taken. 1 to 65000 (message ids have 16 bits). Default: 1000.
    /// </summary>
    public int MaxUnacknowledged { get; init; } = 1000;

    /// <summary>
    /// How many messages of QoS 1 and 2 may be on their way to the broker at once, 1 to 65535. A broker of MQTT 5 that names a number of its own goes before it. Default: 20, libmosquitto's own.
    /// </summary>
    public int MaxInflight { get; init; } = 20;

    /// <summary>The newest version to speak. Default: MQTT 5.</summary>
    public MosquittoProtocol Newest { get; init; } = MosquittoProtocol.Mqtt5;

    /// <summary>Where the waits' randomness comes from: at least 0, below 1.</summary>
    internal Func<double> Randomness { get; init; } = Random.Shared.NextDouble;

    /// <summary>Everything but the password.</summary>
    public override string ToString() => $"{Username ?? "anyone"}@{Host}:{Port} as {ClientId ?? "a chosen id"}";

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Host);
        ArgumentOutOfRangeException.ThrowIfLessThan(Port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, 65535);
        ArgumentOutOfRangeException.ThrowIfLessThan(KeepAlive, TimeSpan.FromSeconds(5));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(KeepAlive, TimeSpan.FromSeconds(65535));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AnswerTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReconnectDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxReconnectDelay, ReconnectDelay);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnacknowledged, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxUnacknowledged, 65000);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxInflight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxInflight, 65535);
        if (Tls is { CertificateFile: null } != Tls is { KeyFile: null })
            throw new ArgumentException("A certificate needs its private key, and a private key its certificate.", nameof(Tls));
        if (ClientId is { Length: 0 })
            throw new ArgumentException("ClientId is empty; use null to have one chosen.", nameof(ClientId));
    }
}
