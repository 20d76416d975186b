namespace HeartSound.Edge.Settings;

/// <summary>One thing that is wrong with the settings.</summary>
/// <param name="Origin">Where it stands: <c>file:line</c>, or the name of an environment variable.</param>
/// <param name="Path">Which setting, such as <c>capture.channel</c>; empty for the file as a whole.</param>
/// <param name="Value">What it is set to, as written; null where that is not the point, or might be a secret.</param>
/// <param name="Problem">What is wrong, and what is allowed.</param>
public sealed record SettingsFault(string Origin, string Path, string? Value, string Problem)
{
    public override string ToString() => Path.Length == 0 ? $"{Origin}: {Problem}" : Value is null ? $"{Origin}: {Path}: {Problem}" : $"{Origin}: {Path} is {Value}, {Problem}";
}
