namespace HeartSound.Edge.Settings;

/// <summary>What settings must be to one another. Immutable.</summary>
/// <param name="Paths">The settings it is about.</param>
/// <param name="Words">The rule, for the reference page.</param>
/// <param name="Fault">What is wrong; null when the rule is kept.</param>
internal sealed record SettingsRule(IReadOnlyList<string> Paths, string Words, Func<DeviceSettings, string?> Fault)
{
    public static IReadOnlyList<SettingsRule> All { get; } =
    [
        new(["heat.slowAboveCelsius", "heat.pauseAboveCelsius", "heat.hysteresisCelsius"],
            "`heat.pauseAboveCelsius` must lie at least `heat.hysteresisCelsius` above `heat.slowAboveCelsius`: a device that leaves its pause goes on slowly first.",
            s => s.Heat.PauseAboveCelsius - s.Heat.SlowAboveCelsius >= s.Heat.HysteresisCelsius ? null
                : FormattableString.Invariant($"pausing from {s.Heat.PauseAboveCelsius} °C must lie at least the hysteresis, {s.Heat.HysteresisCelsius} °C, above slowing from {s.Heat.SlowAboveCelsius} °C.")),
        new(["broker.username", "broker.passwordFile"],
            "`broker.passwordFile` needs `broker.username`: MQTT 3.1.1 knows no password without a user.",
            s => s.Broker is { PasswordFile: not null, Username: null } ? "a password needs a user name: set broker.username too, or leave broker.passwordFile out." : null),
        new(["broker.host"],
            "`broker.host` is a host alone; its port stands in `broker.port`.",
            s => s.Broker.Host is null || Uri.CheckHostName(s.Broker.Host) != UriHostNameType.Unknown ? null
                : "must be the name or address of a host alone, without a scheme, a user, a port or brackets; the port stands in broker.port."),
        new(["button.debounceMs", "button.longPressSeconds"],
            "`button.longPressSeconds` must be longer than `button.debounceMs`.",
            s => s.Button.LongPressSeconds * 1000 > s.Button.DebounceMs ? null : "a long press must be longer than a contact may bounce."),
    ];
}
