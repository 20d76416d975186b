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

    [Description("Home Assistant's discovery prefix, `homeassistant` by custom: the device then appears there by itself. Without it the device is taken out of Home Assistant again.")]
    [RegularExpression("^[A-Za-z0-9_-]{1,64}$", ErrorMessage = "1 to 64 letters, digits, '-' or '_'")]
    public string? HomeAssistant { get; init; }
}
