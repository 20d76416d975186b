namespace HeartSound.Edge.Settings;

/// <summary>The settings cannot be used. The message lists everything that is wrong with them, each with where it stands and what is allowed.</summary>
public sealed class SettingsException(IReadOnlyList<SettingsFault> faults) : Exception(Describe(faults))
{
    /// <summary>At least one.</summary>
    public IReadOnlyList<SettingsFault> Faults { get; } = faults;

    private static string Describe(IReadOnlyList<SettingsFault> faults) =>
        $"The settings cannot be used, {(faults.Count == 1 ? "for one fault" : $"for {faults.Count} faults")}:\n{string.Join('\n', faults.Select(f => $"  {f}"))}\nEvery setting is explained in docs/settings.md; 'heartsound settings check FILE' tries a file without using it.";
}
