using System.CommandLine;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Settings;

namespace HeartSound.Edge.Commands;

/// <summary>The options of the verbs that play the device: its name, its broker, its output.</summary>
internal sealed class DeviceChoices
{
    private readonly Option<string> _device = new("--device") { Description = "Name of the device in its MQTT topics: letters, digits, '-' and '_'.", HelpName = "NAME", DefaultValueFactory = _ => new DeviceSettings().Name };
    private readonly BrokerChoices _broker = new("MQTT broker to publish to. Without it nothing leaves this machine.");
    private readonly Option<DirectoryInfo?> _outbox = new("--outbox") { Description = "Folder of the file in which verdicts wait for the broker; what is left in it leaves with the next run. Without it they wait in memory.", HelpName = "DIR" };
    private readonly Option<bool> _json = new("--json") { Description = "Verdicts as JSON lines on standard output, the same objects as on MQTT." };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Say more on standard error." };

    public IReadOnlyList<Option> Options => [_device, .. _broker.Options, _outbox, _json, _verbose];

    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Null for memory.</summary>
    public DirectoryInfo? Outbox(ParseResult parsed) => parsed.GetValue(_outbox);

    public bool Verbose(ParseResult parsed) => parsed.GetValue(_verbose);

    /// <exception cref="SetupException">The name does not fit into a topic.</exception>
    public string Device(ParseResult parsed)
    {
        var device = parsed.GetValue(_device)!;
        return Topics.IsDeviceName(device) ? device : throw new SetupException($"--device is '{device}', must be 1 to 64 letters, digits, '-' or '_'.");
    }

    /// <summary>Null when no broker was named.</summary>
    /// <exception cref="SetupException">The broker, a file, or the way there is no good.</exception>
    public MqttOptions? Mqtt(ParseResult parsed) => _broker.Read(parsed, Device(parsed));
}
