namespace HeartSound.Edge.Settings;

/// <summary>What a reload changed. Immutable.</summary>
/// <param name="Old">What was in force before.</param>
/// <param name="InForce">What is in force from now on: the new values of what can be changed while the device runs, the old ones of all else.</param>
/// <param name="Applied">Paths of the settings that differ between the two.</param>
/// <param name="AfterRestart">Paths of the settings whose new value is in force after a restart only.</param>
public sealed record SettingsChange(DeviceSettings Old, DeviceSettings InForce, IReadOnlyList<string> Applied, IReadOnlyList<string> AfterRestart)
{
    /// <summary>For the status line, such as "examination.seconds is in force; capture.channel after a restart".</summary>
    public override string ToString() => (Applied.Count, AfterRestart.Count) switch
    {
        (0, 0) => "nothing changed",
        (_, 0) => $"now in force: {string.Join(", ", Applied)}",
        (0, _) => $"after a restart: {string.Join(", ", AfterRestart)}",
        _ => $"now in force: {string.Join(", ", Applied)}; after a restart: {string.Join(", ", AfterRestart)}",
    };
}
