using System.CommandLine;
using HeartSound.Edge.Outputs;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Commands;

/// <summary>The options of every verb that speaks to a broker: where it is, how to get in, and how the way there is kept safe. Used once a command.</summary>
/// <param name="use">What the broker is for, for people, such as "MQTT broker to listen at."</param>
/// <param name="required">Whether there must be one.</param>
internal sealed class BrokerChoices(string use, bool required = false)
{
    private readonly Option<string?> _broker = new("--broker") { Description = use, HelpName = "HOST[:PORT]", Required = required };
    private readonly Option<string?> _user = new("--user") { Description = "User name at the broker.", HelpName = "NAME" };
    private readonly Option<FileInfo?> _passwordFile = new("--password-file") { Description = "File whose first line is the password at the broker; only its owner may read it.", HelpName = "FILE" };
    private readonly Option<bool> _tls = new("--tls") { Description = "Speak TLS to the broker, by default on port 8883." };
    private readonly Option<FileInfo?> _ca = new("--ca") { Description = "Authorities that may vouch for the broker (PEM), instead of the system's; means --tls.", HelpName = "FILE" };
    private readonly Option<FileInfo?> _certificate = new("--certificate") { Description = "Own certificate (PEM), where the broker asks for one; means --tls.", HelpName = "FILE" };
    private readonly Option<FileInfo?> _key = new("--key") { Description = "Its private key (PEM); only its owner may read it.", HelpName = "FILE" };
    private readonly Option<bool> _plainText = new("--allow-plain-text") { Description = "Also send unencrypted to another machine." };

    public IReadOnlyList<Option> Options => [_broker, .. WayIn];

    /// <summary>All but the broker itself, for a verb that names several.</summary>
    public IReadOnlyList<Option> WayIn => [_user, _passwordFile, _tls, _ca, _certificate, _key, _plainText];

    /// <summary>Null when no broker was named.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="device">Name of the device in its topics.</param>
    /// <exception cref="SetupException">The broker, a file, or the way there is no good.</exception>
    public MqttOptions? Read(ParseResult parsed, string device) => parsed.GetValue(_broker) is { } broker ? Read(parsed, broker, device) : null;

    /// <summary>The same for a broker that was named in another way.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="broker">Where it is, as after <c>--broker</c>.</param>
    /// <param name="device">Name of the device in its topics.</param>
    /// <exception cref="SetupException">The broker, a file, or the way there is no good.</exception>
    public MqttOptions Read(ParseResult parsed, string broker, string device)
    {
        if (!MqttOptions.TryParseBroker(broker, out var host, out var port))
            throw new SetupException($"--broker is '{broker}', must be HOST or HOST:PORT with a port from 1 to 65535.");
        var (ca, certificate, key) = (parsed.GetValue(_ca), parsed.GetValue(_certificate), parsed.GetValue(_key));
        return Read(new BrokerOptions
        {
            Host = host,
            Port = port,
            Username = parsed.GetValue(_user),
            PasswordFile = parsed.GetValue(_passwordFile)?.FullName,
            AllowPlainText = parsed.GetValue(_plainText),
            Tls = new BrokerTlsOptions { Enabled = parsed.GetValue(_tls) || (ca ?? certificate ?? key) is not null, CaFile = ca?.FullName, CertificateFile = certificate?.FullName, KeyFile = key?.FullName },
        }, device)!;
    }

    /// <summary>What the settings say; null when no broker is set.</summary>
    /// <exception cref="SetupException">A file, or the way there, is no good.</exception>
    public static MqttOptions? Read(BrokerOptions options, string device)
    {
        if (options.Host is not { } host) return null;
        if (PlainText.Fault(options) is { } fault) throw new SetupException(fault);
        return new MqttOptions
        {
            Device = device,
            Host = host,
            Port = options.EffectivePort,
            Username = options.Username,
            Password = BrokerSecrets.Password(options),
            Tls = options.Tls.Enabled ? Tls(options.Tls) : null,
        };
    }

    private static MosquittoTls Tls(BrokerTlsOptions options)
    {
        if (options is { KeyFile: { } key, CertificateFile: null }) throw new SetupException($"{key}: a private key needs its certificate (broker.tls.certificateFile, --certificate).");
        if (options.CaFile is { } ca && !Directory.Exists(ca)) ThrowUnlessCertificate(ca);
        if (options.CertificateFile is not null) ThrowUnlessCertificate(options.CertificateFile);
        return new MosquittoTls
        {
            Authorities = options.CaFile ?? MosquittoTls.SystemCertificates,
            CertificateFile = options.CertificateFile,
            KeyFile = options.CertificateFile is null ? null : BrokerSecrets.KeyFile(options),
        };
    }

    private static void ThrowUnlessCertificate(string file)
    {
        try
        {
            if (!File.ReadAllText(file).Contains("CERTIFICATE-----", StringComparison.Ordinal)) throw new SetupException($"{file}: holds no certificate in PEM form.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{file}: the certificate cannot be read: {e.Message}", e);
        }
    }
}
