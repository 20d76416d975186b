using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Outputs;

/// <summary>Where the broker is and who we are there.</summary>
public sealed record MqttOptions
{
    /// <summary>Name of the device in its topics; letters, digits, '-' and '_', at most 64.</summary>
    public required string Device { get; init; }

    public required string Host { get; init; }

    /// <summary>1 to 65,535; 1883 by custom, 8883 with TLS.</summary>
    public int Port { get; init; } = BrokerOptions.PlainPort;

    public string? Username { get; init; }

    /// <summary>Never part of a text.</summary>
    public string? Password { get; init; }

    /// <summary>Null speaks plain text.</summary>
    public MosquittoTls? Tls { get; init; }

    /// <summary>Whether, and where, the device presents itself to Home Assistant; null leaves alone what is there.</summary>
    public HomeAssistantPresence? HomeAssistant { get; init; }

    /// <summary>Everything but the password.</summary>
    public override string ToString() => $"{Device} at {Host}:{Port}{(Tls is null ? "" : " (TLS)")}";

    /// <summary>A client of this broker.</summary>
    /// <param name="clientId">Unique at the broker.</param>
    public MosquittoOptions Client(string clientId) => new()
    {
        Host = Host,
        Port = Port,
        ClientId = clientId,
        Username = Username,
        Password = Password,
        Tls = Tls,
    };

    /// <summary>Reads <c>HOST</c>, <c>HOST:PORT</c> or <c>[IPV6]:PORT</c>; <paramref name="port"/> is null when none was given.</summary>
    public static bool TryParseBroker(string text, out string host, out int? port)
    {
        ArgumentNullException.ThrowIfNull(text);
        port = null;
        host = text;
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && (text[0] == '[' ? text[colon - 1] == ']' : text.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), out var number) || number is < 1 or > 65535) return false;
            port = number;
        }

        host = host.Trim('[', ']');
        return host.Length > 0 && !host.Any(char.IsWhiteSpace);
    }
}
