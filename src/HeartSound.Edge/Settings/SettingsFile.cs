using System.Collections;
using System.Text.Json;
using System.Text.Unicode;

namespace HeartSound.Edge.Settings;

/// <summary>Reads the device's settings: defaults, then one JSON file, then environment variables, then the command line.</summary>
public static class SettingsFile
{
    /// <summary>Where the file lies on a device.</summary>
    public const string DefaultPath = "/etc/heartsound/settings.json";

    /// <summary>The environment variable that names another file.</summary>
    public const string PathVariable = "HEARTSOUND_SETTINGS";

    /// <summary>No settings are longer; what is, is another file.</summary>
    private const int MaxBytes = 1 << 20;

    /// <summary>
    /// Reads and checks everything. The file is <paramref name="path"/>, else the one that <see cref="PathVariable"/> names, else
    /// <see cref="DefaultPath"/> where that exists, else none.
    /// </summary>
    /// <param name="path">Must exist, if given.</param>
    /// <param name="variables">The environment; null for this process's own.</param>
    /// <param name="overrides">What the command line says.</param>
    /// <exception cref="SettingsException">With everything that is wrong.</exception>
    public static LoadedSettings Load(string? path, IReadOnlyDictionary<string, string>? variables = null, IReadOnlyList<SettingOverride>? overrides = null)
    {
        variables ??= Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        var file = path ?? (variables.GetValueOrDefault(PathVariable) is { Length: > 0 } named ? named : File.Exists(DefaultPath) ? DefaultPath : null);
        var binder = new SettingsBinder();
        var faults = new List<SettingsFault>();
        if (file is not null && Read(file, faults) is { } root) binder.Add(file, root);
        binder.Add(variables);
        binder.Add(overrides ?? []);
        var settings = binder.Build();
        faults.AddRange(binder.Faults);
        if (faults.Count > 0) throw new SettingsException(faults);
        var fromVariables = binder.Origins.Values.Count(o => o.StartsWith(SettingKey.VariablePrefix, StringComparison.OrdinalIgnoreCase));
        var source = (file ?? "defaults") + (fromVariables switch { 0 => "", 1 => " and 1 environment variable", _ => $" and {fromVariables} environment variables" });
        if (overrides is { Count: > 0 }) source += " and the command line";
        return new LoadedSettings(settings, file, source, binder.Origins);
    }

    private static RawSetting? Read(string file, List<SettingsFault> faults)
    {
        void Fault(string problem, long? line = null) => faults.Add(new SettingsFault(line is null ? file : $"{file}:{line}", "", null, problem));
        try
        {
            using var stream = File.OpenRead(file);
            if (stream.Length > MaxBytes)
            {
                Fault($"is {stream.Length} bytes long; settings have at most {MaxBytes}. This is another file.");
                return null;
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            ReadOnlySpan<byte> text = bytes;
            if (text.StartsWith("\uFEFF"u8)) text = text[3..];
            if (Utf8.IsValid(text)) return RawSetting.Parse(text);
            Fault("is not UTF-8 text.");
        }
        catch (JsonException e)
        {
            var problem = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
            Fault($"is not JSON: {problem}.", (e.LineNumber ?? 0) + 1);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Fault("is not there. 'heartsound settings reference' explains what may stand in it; deploy/settings.example.json is one.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fault($"cannot be read: {e.Message} It must be readable for the user that runs this.");
        }

        return null;
    }
}
