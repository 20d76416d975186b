using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Settings;

/// <summary>
/// Reads the settings again while the device runs. New ones that are no good are refused as a whole, and the old ones stay. Not thread-safe: one reload at a time.
/// </summary>
/// <param name="loaded">What the device was started with.</param>
/// <param name="health">Is told how the settings are.</param>
/// <param name="log">Where it is said what changed.</param>
/// <param name="variables">The environment; null for this process's own.</param>
/// <param name="overrides">What the command line said.</param>
public sealed partial class SettingsReload(
    LoadedSettings loaded, DeviceHealth health, ILogger<SettingsReload> log, IReadOnlyDictionary<string, string>? variables = null, IReadOnlyList<SettingOverride>? overrides = null)
{
    /// <summary>Settings, or whole sections, that the device takes over while it runs. All else is built into threads, streams and connections and waits for a restart.</summary>
    public static IReadOnlyList<string> WhileRunning { get; } = ["examination", "heat", "lights.verdictSeconds"];

    private readonly string? _file = loaded.File;
    private DeviceSettings _inForce = loaded.Settings;

    /// <summary>Whether a setting is taken over while the device runs.</summary>
    public static bool IsTakenWhileRunning(string path) => WhileRunning.Any(w => path == w || path.StartsWith(w + '.', StringComparison.Ordinal));

    /// <summary>
    /// Reads the same file and the same environment again (a file that was not there at the start is looked for anew). Null when they are refused; why, is then in <see cref="DevicePart.Settings"/>.
    /// </summary>
    public SettingsChange? Reload()
    {
        DeviceSettings wanted;
        try
        {
            wanted = SettingsFile.Load(_file, variables, overrides).Settings;
        }
        catch (SettingsException e)
        {
            foreach (var fault in e.Faults) LogFault(fault);
            health.Report(DevicePart.Settings, PartLevel.Degraded, SettingsState.Refused,
                $"the new settings are refused and the old ones stay: {string.Join(" | ", e.Faults)}. Correct them and reload: 'heartsound settings check' tries them.");
            return null;
        }

        var change = Compare(_inForce, wanted);
        _inForce = change.InForce;
        LogChange(change);
        if (change.AfterRestart.Count == 0) health.Report(DevicePart.Settings, PartLevel.Ok, SettingsState.InForce);
        else health.Report(DevicePart.Settings, PartLevel.Ok, SettingsState.RestartNeeded, $"{string.Join(", ", change.AfterRestart)}: in force after a restart, 'systemctl restart heartsound'.");
        return change;
    }

    private static SettingsChange Compare(DeviceSettings old, DeviceSettings wanted)
    {
        var different = SettingsCatalog.Keys.Where(k => SettingKey.Show(SettingsBinder.Value(old, k)) != SettingKey.Show(SettingsBinder.Value(wanted, k))).ToList();
        var applied = different.Where(k => IsTakenWhileRunning(k.Path)).ToList();
        return new SettingsChange(old, SettingsBinder.Replace(old, wanted, applied), [.. applied.Select(k => k.Path)], [.. different.Except(applied).Select(k => k.Path)]);
    }

    [LoggerMessage(1231, LogLevel.Error, "Settings refused: {Fault}")]
    private partial void LogFault(SettingsFault fault);

    [LoggerMessage(1232, LogLevel.Information, "Settings read again: {Change}")]
    private partial void LogChange(SettingsChange change);
}
