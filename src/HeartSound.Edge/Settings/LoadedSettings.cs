namespace HeartSound.Edge.Settings;

/// <summary>Settings as they are in force, and where each came from. Immutable.</summary>
/// <param name="Settings">Valid.</param>
/// <param name="File">The file that was read; null where there was none.</param>
/// <param name="Source">All places that settings came from, for a person.</param>
/// <param name="Origins">For each setting that was given, by its path such as <c>capture.usbId</c>: <c>file:line</c>, or the environment variable. What is not in here is as it is by default.</param>
public sealed record LoadedSettings(DeviceSettings Settings, string? File, string Source, IReadOnlyDictionary<string, string> Origins);
