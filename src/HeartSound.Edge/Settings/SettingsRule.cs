using HeartSound.Edge.Outputs;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Settings;

/// <summary>What settings must be to one another. Immutable.</summary>
/// <param name="Paths">The settings it is about.</param>
/// <param name="Words">The rule, for the reference page.</param>
/// <param name="Fault">What is wrong; null when the rule is kept.</param>
internal sealed record SettingsRule(IReadOnlyList<string> Paths, string Words, Func<DeviceSettings, string?> Fault)
{
    public static IReadOnlyList<SettingsRule> All { get; } =
    [
        new(["model.providers"],
            "`model.providers` must end with cpu: it computes while an engine is built, and whenever one fails.",
            s => s.Model.Providers is [.., OnnxProvider.Cpu] ? null : "cpu must come last: it computes while an engine is built, and whenever one fails."),
        new(["heat.slowAboveCelsius", "heat.pauseAboveCelsius", "heat.hysteresisCelsius"],
            "`heat.pauseAboveCelsius` must lie at least `heat.hysteresisCelsius` above `heat.slowAboveCelsius`: a device that leaves its pause goes on slowly first.",
            s => s.Heat.PauseAboveCelsius - s.Heat.SlowAboveCelsius >= s.Heat.HysteresisCelsius ? null
                : FormattableString.Invariant($"pausing from {s.Heat.PauseAboveCelsius} °C must lie at least the hysteresis, {s.Heat.HysteresisCelsius} °C, above slowing from {s.Heat.SlowAboveCelsius} °C.")),
        new(["broker.username", "broker.passwordFile"],
            "`broker.passwordFile` needs `broker.username`: MQTT 3.1.1 knows no password without a user.",
            s => s.Broker is { PasswordFile: not null, Username: null } ? "a password needs a user name: set broker.username too, or leave broker.passwordFile out." : null),
        new(["broker.host"],
            "`broker.host` is a host alone; its port stands in `broker.port`.",
            s => IsHost(s.Broker.Host) ? null
                : "must be the name or address of a host alone, without a scheme, a user, a port or brackets; the port stands in broker.port."),
        new(["broker.host", "broker.tls.enabled", "broker.allowPlainText"],
            "Without `broker.tls.enabled` only a broker on this machine is reached (`localhost`, 127.0.0.0/8, `::1`), unless `broker.allowPlainText` says otherwise.",
            s => IsHost(s.Broker.Host) ? PlainText.Fault(s.Broker) : null),
        new(["broker.tls.enabled", "broker.tls.caFile", "broker.tls.certificateFile", "broker.tls.keyFile"],
            "`broker.tls.caFile`, `certificateFile` and `keyFile` need `broker.tls.enabled`, and `keyFile` needs `certificateFile`.",
            s => s.Broker.Tls switch
            {
                { Enabled: false, CaFile: not null } or { Enabled: false, CertificateFile: not null } or { Enabled: false, KeyFile: not null } => "files for TLS are named, and TLS is off: set broker.tls.enabled to true, or leave them out.",
                { KeyFile: not null, CertificateFile: null } => "a private key needs its certificate: set broker.tls.certificateFile too, or leave broker.tls.keyFile out.",
                _ => null,
            }),
        new(["button.debounceMs", "button.longPressSeconds"],
            "`button.longPressSeconds` must be longer than `button.debounceMs`.",
            s => s.Button.LongPressSeconds * 1000 > s.Button.DebounceMs ? null : "a long press must be longer than a contact may bounce."),
    ];

    private static bool IsHost(string? host) => host is null || Uri.CheckHostName(host) != UriHostNameType.Unknown;
}
