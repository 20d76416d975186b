namespace HeartSound.Edge.Settings;

/// <summary>How the settings are. Part of the contract on the wire: names are only ever added.</summary>
public enum SettingsState
{
    /// <summary>What the file and the environment say is what the device does.</summary>
    InForce,

    /// <summary>New settings were no good; the device goes on with the ones before.</summary>
    Refused,

    /// <summary>Some of the new settings wait for a restart.</summary>
    RestartNeeded,
}
