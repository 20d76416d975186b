using System.CommandLine;
using HeartSound.Edge.Settings;

namespace HeartSound.Edge.Commands;

/// <summary>The options of <c>run</c> that stand for settings: the common ones by a name of their own, all by <c>--set</c>.</summary>
internal sealed class SettingChoices
{
    private const string CaFile = "broker.tls.caFile", CertificateFile = "broker.tls.certificateFile";

    private readonly Option<string?> _file = new("--settings") { Description = $"Settings file; else {SettingsFile.PathVariable}, else {SettingsFile.DefaultPath} where that exists. The options below go before it.", HelpName = "FILE" };
    private readonly Option<string?> _broker = new("--broker") { Description = "MQTT broker to publish to (broker.host, broker.port).", HelpName = "HOST[:PORT]" };
    private readonly Option<bool> _tls = new("--tls") { Description = "Speak TLS to the broker, by default on port 8883." };
    private readonly Option<bool> _plainText = new("--allow-plain-text") { Description = "Also send unencrypted to another machine." };
    private readonly Option<string[]> _set = new("--set") { Description = "Any other setting, such as heat.slowAboveCelsius=80; may be given several times. 'heartsound settings reference' lists them.", HelpName = "PATH=VALUE" };

    private readonly IReadOnlyList<(Option<string?> Option, string Path)> _named =
    [
        (Named("--device", "NAME", "Name of the device in its MQTT topics"), "device"),
        (Named("--model", "NAME|DIR|FILE", "Model: one that 'model list' shows, a folder, or an .onnx file"), "model.path"),
        (Named("--provider", "NAME,…", "ONNX Runtime providers to try, in order: cpu, cuda, tensorRt"), "model.providers"),
        (Named("--examination", "WHAT", "What begins an examination: contact, button or always"), "examination.start"),
        (Named("--examination-seconds", "S", "How long an examination lasts"), "examination.seconds"),
        (Named("--usb-path", "PATH", "USB port of the stethoscope, such as 1-2.1"), "capture.usbPath"),
        (Named("--usb-id", "ID", "vendor:product[:serial] of the stethoscope, such as 1209:5a7e"), "capture.usbId"),
        (Named("--alsa-card", "ID", "ALSA card id of the stethoscope, as in /proc/asound/cards between [ and ]"), "capture.alsaCard"),
        (Named("--capture-name", "TEXT", "A part of the stethoscope's name"), "capture.name"),
        (Named("--channel", "N", "Channel to listen to, counted from 1"), "capture.channel"),
        (Named("--lights", "KIND", "What shows the lights: auto, gpio, terminal or none"), "lights.kind"),
        (Named("--user", "NAME", "User name at the broker"), "broker.username"),
        (Named("--outbox", "DIR", "Folder of the file in which verdicts wait for the broker"), "outbox.folder"),
        (Named("--password-file", "FILE", "File whose first line is the password at the broker; only its owner may read it"), "broker.passwordFile"),
        (Named("--ca", "FILE", "Authorities that may vouch for the broker (PEM), instead of the system's; means --tls"), CaFile),
        (Named("--certificate", "FILE", "Own certificate (PEM), where the broker asks for one; means --tls"), CertificateFile),
        (Named("--key", "FILE", "Its private key (PEM); only its owner may read it"), "broker.tls.keyFile"),
    ];

    public IReadOnlyList<Option> Options => [_file, _broker, .. _named.Select(n => n.Option), _tls, _plainText, _set];

    public string? File(ParseResult parsed) => parsed.GetValue(_file);

    /// <exception cref="SetupException">An option is no setting at all.</exception>
    public IReadOnlyList<SettingOverride> Overrides(ParseResult parsed)
    {
        var overrides = new List<SettingOverride>();
        if (parsed.GetValue(_broker) is { } broker)
        {
            if (!Outputs.MqttOptions.TryParseBroker(broker, out var host, out var port))
                throw new SetupException($"--broker is '{broker}', must be HOST or HOST:PORT with a port from 1 to 65535.");
            overrides.Add(new SettingOverride("broker.host", host, "--broker"));
            overrides.Add(new SettingOverride("broker.port", FormattableString.Invariant($"{port}"), "--broker")); // without one, that of the custom
        }

        foreach (var (option, path) in _named)
        {
            if (parsed.GetValue(option) is { } text) overrides.Add(new SettingOverride(path, text, option.Name));
        }

        if (parsed.GetValue(_tls) || overrides.Any(o => o.Path is CaFile or CertificateFile)) overrides.Add(new SettingOverride("broker.tls.enabled", "true", "--tls"));
        if (parsed.GetValue(_plainText)) overrides.Add(new SettingOverride("broker.allowPlainText", "true", "--allow-plain-text"));
        foreach (var text in parsed.GetValue(_set) ?? [])
        {
            if (text.Split('=', 2) is not [var path, var value]) throw new SetupException($"--set is '{text}', must be PATH=VALUE, such as heat.slowAboveCelsius=80.");
            overrides.Add(new SettingOverride(path, value, "--set"));
        }

        return overrides;
    }

    private static Option<string?> Named(string name, string help, string description) => new(name) { Description = description + ".", HelpName = help };
}
