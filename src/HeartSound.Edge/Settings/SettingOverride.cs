namespace HeartSound.Edge.Settings;

/// <summary>A setting that the command line gives; it goes before the environment and the file.</summary>
/// <param name="Path">Of the setting, such as <c>capture.usbId</c>.</param>
/// <param name="Text">Its value, as an environment variable would have it.</param>
/// <param name="Origin">The option, for people.</param>
public sealed record SettingOverride(string Path, string Text, string Origin);
