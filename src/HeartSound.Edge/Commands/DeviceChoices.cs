using System.CommandLine;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Settings;

namespace HeartSound.Edge.Commands;

/// <summary>The options of the verbs that play the device: its name, its broker, its output.</summary>
internal sealed class DeviceChoices
{
    private readonly Option<string> _device = new("--device") { Description = "Name of the device in its MQTT topics: letters, digits, '-' and '_'.", HelpName = "NAME", DefaultValueFactory = _ => new DeviceSettings().Name };
    private readonly Option<string?> _broker = new("--broker") { Description = "MQTT broker to publish to. Without it nothing leaves this machine.", HelpName = "HOST[:PORT]" };
    private readonly Option<string?> _user = new("--user") { Description = "User name at the broker.", HelpName = "NAME" };
    private readonly Option<FileInfo?> _passwordFile = new("--password-file") { Description = "File whose first line is the password at the broker; only its owner may read it.", HelpName = "FILE" };
    private readonly Option<DirectoryInfo?> _outbox = new("--outbox") { Description = "Folder of the file in which verdicts wait for the broker; what is left in it leaves with the next run. Without it they wait in memory.", HelpName = "DIR" };
    private readonly Option<bool> _json = new("--json") { Description = "Verdicts as JSON lines on standard output, the same objects as on MQTT." };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Say more on standard error." };

    public IReadOnlyList<Option> Options => [_device, _broker, _user, _passwordFile, _outbox, _json, _verbose];

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
    /// <exception cref="SetupException">The broker or the password file is no good.</exception>
    public MqttOptions? Mqtt(ParseResult parsed) => parsed.GetValue(_broker) is { } broker ? Mqtt(broker, Device(parsed), parsed.GetValue(_user), parsed.GetValue(_passwordFile)) : null;

    /// <exception cref="SetupException">The broker or the password file is no good.</exception>
    public static MqttOptions Mqtt(string broker, string device, string? user, FileInfo? passwordFile)
    {
        if (!MqttOptions.TryParseBroker(broker, out var host, out var port))
            throw new SetupException($"--broker is '{broker}', must be HOST or HOST:PORT with a port from 1 to 65535.");
        return new MqttOptions { Device = device, Host = host, Port = port, Username = user, Password = passwordFile is null ? null : ReadPassword(passwordFile.FullName) };
    }

    /// <summary>Null when no broker is set.</summary>
    /// <exception cref="SetupException">The password file is no good.</exception>
    public static MqttOptions? Mqtt(DeviceSettings settings) => settings.Broker.Host is not { } host ? null : new MqttOptions
    {
        Device = settings.Name,
        Host = host,
        Port = settings.Broker.Port,
        Username = settings.Broker.Username,
        Password = settings.Broker.PasswordFile is { } file ? ReadPassword(file) : null,
    };

    /// <summary>The first line of a file that only its owner may read.</summary>
    /// <exception cref="SetupException">It cannot be read, others may read it, or it is empty.</exception>
    public static string ReadPassword(string path)
    {
        try
        {
            if ((File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.GroupRead)) != 0)
                throw new SetupException($"{path}: others than its owner may read the password: chmod 600 '{path}'.");
            return File.ReadLines(path).FirstOrDefault() is { Length: > 0 } password ? password : throw new SetupException($"{path}: holds no password in its first line.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{path}: the password cannot be read: {e.Message}", e);
        }
    }
}
