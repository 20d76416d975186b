namespace HeartSound.Edge.Outputs;

/// <summary>Where the broker is and who we are there.</summary>
public sealed record MqttOptions
{
    /// <summary>Name of the device in its topics; letters, digits, '-' and '_', at most 64.</summary>
    public required string Device { get; init; }

    public required string Host { get; init; }

    /// <summary>1 to 65,535; 1883 by custom.</summary>
    public int Port { get; init; } = 1883;

    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>Whether, and where, the device presents itself to Home Assistant; null leaves alone what is there.</summary>
    public HomeAssistantPresence? HomeAssistant { get; init; }

    /// <summary>Reads <c>HOST</c>, <c>HOST:PORT</c> or <c>[IPV6]:PORT</c>.</summary>
    public static bool TryParseBroker(string text, out string host, out int port)
    {
        ArgumentNullException.ThrowIfNull(text);
        port = 1883;
        host = text;
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && (text[0] == '[' ? text[colon - 1] == ']' : text.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), out port) || port is < 1 or > 65535) return false;
        }

        host = host.Trim('[', ']');
        return host.Length > 0 && !host.Any(char.IsWhiteSpace);
    }
}
