using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HeartSound.Edge.Outputs;

/// <summary>The MQTT broker that verdicts go to.</summary>
public sealed record BrokerOptions
{
    /// <summary>The ports that custom gives to MQTT, without TLS and with it.</summary>
    public const int PlainPort = 1883, TlsPort = 8883;

    [Description("Name or address of the broker; without it nothing leaves the device.")]
    public string? Host { get; init; }

    [Description("Its port; without it 1883, or 8883 with TLS.")]
    [Range(1, 65535)]
    public int? Port { get; init; }

    [Description("User name at the broker.")]
    public string? Username { get; init; }

    [Description("File whose first line is the password; only its owner may read it. Without it the service's credential `broker-password`, where there is one.")]
    public string? PasswordFile { get; init; }

    [Description("Whether anybody on the way may read and change what is said; without it, only a broker on this machine is reached without TLS.")]
    public bool AllowPlainText { get; init; }

    [Description("How the connection is encrypted.")]
    public BrokerTlsOptions Tls { get; init; } = new();

    [Description("Home Assistant's discovery prefix, `homeassistant` by custom: the device then appears there by itself. Without it the device is taken out of Home Assistant again.")]
    [RegularExpression("^[A-Za-z0-9_-]{1,64}$", ErrorMessage = "1 to 64 letters, digits, '-' or '_'")]
    public string? HomeAssistant { get; init; }

    /// <summary>The port that is meant.</summary>
    [JsonIgnore]
    public int EffectivePort => Port ?? (Tls.Enabled ? TlsPort : PlainPort);
}
