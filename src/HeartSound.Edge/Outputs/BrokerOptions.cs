using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Outputs;

/// <summary>The MQTT broker that verdicts go to.</summary>
public sealed record BrokerOptions
{
    [Description("Name or address of the broker; without it nothing leaves the device.")]
    public string? Host { get; init; }

    [Description("Its port.")]
    [Range(1, 65535)]
    public int Port { get; init; } = 1883;

    [Description("User name at the broker.")]
    public string? Username { get; init; }

    [Description("File whose first line is the password; only its owner may read it.")]
    public string? PasswordFile { get; init; }
}
