using HeartSound.Edge.Settings;

namespace HeartSound.Edge.Doctor;

/// <summary>What the probes go by: the settings, the service, and where the system's files lie. Immutable, but for what probes tell one another.</summary>
internal sealed class DoctorCase
{
    /// <param name="settingsPath">The settings file to look at; null for the service's.</param>
    /// <param name="root">Root of the file system; another than <c>/</c> is for tests.</param>
    public DoctorCase(string? settingsPath = null, string root = "/")
    {
        Root = root;
        try
        {
            Loaded = SettingsFile.Load(settingsPath);
        }
        catch (SettingsException e)
        {
            SettingsFault = e;
            var file = settingsPath ?? Environment.GetEnvironmentVariable(SettingsFile.PathVariable) ?? SettingsFile.DefaultPath;
            SettingsText = Text(Path.GetRelativePath(root, Path.GetFullPath(file)));
        }

        Service = ServiceUnit.Look();
    }

    public string Root { get; }

    /// <summary>Null when they are no good.</summary>
    public LoadedSettings? Loaded { get; }

    /// <summary>Everything that is wrong with them; null when nothing is.</summary>
    public SettingsException? SettingsFault { get; }

    /// <summary>The file as it is, where the settings are no good and it can be read; may hold secrets in wrong places.</summary>
    public string? SettingsText { get; }

    /// <summary>Those that are in force, or the defaults where they are no good.</summary>
    public DeviceSettings Settings => Loaded?.Settings ?? new DeviceSettings();

    public ServiceUnit Service { get; }

    /// <summary>The text of a small file below <see cref="Root"/>, without space at its ends; null where it cannot be read.</summary>
    public string? Text(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(Root, file.TrimStart('/'))).Trim('\0', ' ', '\n', '\t');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
