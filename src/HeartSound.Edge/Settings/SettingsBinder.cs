using System.Text.Json;

namespace HeartSound.Edge.Settings;

/// <summary>Collects what the file and the environment say, setting by setting, with everything that is wrong. Used once.</summary>
internal sealed class SettingsBinder
{
    private readonly Dictionary<SettingKey, object?> _values = [];
    private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);
    private readonly HashSet<string> _spoilt = new(StringComparer.Ordinal);
    private readonly List<SettingsFault> _faults = [];

    public IReadOnlyList<SettingsFault> Faults => _faults;

    /// <summary>Where each setting came from that was given, by its path.</summary>
    public IReadOnlyDictionary<string, string> Origins => _origins;

    /// <summary>Takes what a file says.</summary>
    /// <param name="file">Its name, for people.</param>
    /// <param name="root">What is in it.</param>
    public void Add(string file, RawSetting root)
    {
        if (root.Kind == JsonTokenType.StartObject) Add(file, SettingsCatalog.Root, root);
        else _faults.Add(new SettingsFault($"{file}:{root.Line}", "", null, $"the settings must be one JSON object, and here is {root.Shown}."));
    }

    /// <summary>Takes what environment variables say; it goes before what a file says. Variables with other names than a setting's are none of ours.</summary>
    public void Add(IEnumerable<KeyValuePair<string, string>> variables)
    {
        foreach (var (name, text) in variables.Where(v => v.Key.StartsWith(SettingKey.VariablePrefix, StringComparison.OrdinalIgnoreCase)).OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (SettingsCatalog.Keys.FirstOrDefault(k => k.Variable.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } key)
                _faults.Add(new SettingsFault(name, "", null, $"no setting has this variable{DidYouMean(name, SettingsCatalog.Keys.Select(k => k.Variable))}"));
            else Set(key, name, JsonSerializer.Serialize(text, EdgeJson.Compact), SettingValue.ReadVariable(key, text, out var value), value);
        }
    }

    /// <summary>Takes what the command line says; it goes before everything else.</summary>
    public void Add(IEnumerable<SettingOverride> overrides)
    {
        foreach (var given in overrides)
        {
            if (SettingsCatalog.Keys.FirstOrDefault(k => k.Path.Equals(given.Path, StringComparison.OrdinalIgnoreCase)) is not { } key)
                _faults.Add(new SettingsFault(given.Origin, given.Path, null, $"there is no such setting{DidYouMean(given.Path, SettingsCatalog.Keys.Select(k => k.Path))}"));
            else Set(key, given.Origin, JsonSerializer.Serialize(given.Text, EdgeJson.Compact), SettingValue.ReadVariable(key, given.Text, out var value), value);
        }
    }

    /// <summary>The settings, valid only where <see cref="Faults"/> is empty. Rules between settings are looked at here, those apart whose settings are wrong already.</summary>
    public DeviceSettings Build()
    {
        var settings = new DeviceSettings();
        foreach (var (key, value) in _values) key.Property.SetValue(Holder(settings, key), value);
        foreach (var rule in SettingsRule.All.Where(r => !r.Paths.Any(_spoilt.Contains)))
        {
            if (rule.Fault(settings) is not { } problem) continue;
            var origins = rule.Paths.Select(p => _origins.GetValueOrDefault(p)).OfType<string>().Distinct().ToList();
            _faults.Add(new SettingsFault(origins.Count == 0 ? "defaults" : string.Join(" and ", origins), string.Join(", ", rule.Paths), null, problem));
        }

        return settings;
    }

    /// <summary>The value of a setting.</summary>
    public static object? Value(DeviceSettings settings, SettingKey key) => key.Property.GetValue(Holder(settings, key));

    /// <summary>The old settings with the wanted values of some of them.</summary>
    public static DeviceSettings Replace(DeviceSettings old, DeviceSettings wanted, IReadOnlyCollection<SettingKey> replaced)
    {
        var settings = new DeviceSettings();
        foreach (var key in SettingsCatalog.Keys) key.Property.SetValue(Holder(settings, key), Value(replaced.Contains(key) ? wanted : old, key));
        return settings;
    }

    private static object Holder(DeviceSettings settings, SettingKey key)
    {
        object holder = settings;
        foreach (var section in SettingsCatalog.Root.All.Where(s => s.Property is not null && key.Path.StartsWith(s.Path + '.', StringComparison.Ordinal))) holder = section.Property!.GetValue(holder)!;
        return holder;
    }

    private void Add(string file, SettingSection section, RawSetting written)
    {
        foreach (var twice in written.Members.GroupBy(m => m.Name).Where(g => g.Count() > 1))
            _faults.Add(new SettingsFault($"{file}:{twice.Last().Line}", Join(section, twice.Key), null, $"stands here for the second time; the first is in line {twice.First().Line}."));

        foreach (var (name, line, value) in written.Members.DistinctBy(m => m.Name))
        {
            var (path, origin) = (Join(section, name), $"{file}:{line}");
            if (section.Keys.FirstOrDefault(k => k.Name == name) is { } key) Set(key, origin, value.Shown, SettingValue.Read(key, value, out var read), read);
            else if (section.Sections.FirstOrDefault(s => s.Name == name) is not { } inner) AddUnknown(section, path, name, origin);
            else if (value.Kind == JsonTokenType.StartObject) Add(file, inner, value);
            else _faults.Add(new SettingsFault(origin, path, value.Shown, "must be an object with its settings between { and }."));
        }
    }

    /// <summary>The value is not shown: it may be a password that somebody put here.</summary>
    private void AddUnknown(SettingSection section, string path, string name, string origin)
    {
        if (section.Path.Length == 0 && name == SettingsSchema.SchemaKey) return;
        var here = section.Keys.Select(k => k.Name).Concat(section.Sections.Select(s => s.Name)).ToList();
        var elsewhere = SettingsCatalog.Keys.Where(k => k.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(k => k.Path);
        var near = NearestWord.To(name, here) is { } word ? Join(section, word) : elsewhere.FirstOrDefault();
        _faults.Add(new SettingsFault(origin, path, null, $"there is no such setting{(near is null ? $"; here are {string.Join(", ", here)}." : $"; did you mean {near}?")}"));
    }

    private void Set(SettingKey key, string origin, string shown, string? problem, object? value)
    {
        if (problem is null)
        {
            _values[key] = value;
            _origins[key.Path] = origin;
            return;
        }

        _spoilt.Add(key.Path);
        _faults.Add(new SettingsFault(origin, key.Path, shown, problem));
    }

    private static string Join(SettingSection section, string name) => section.Path.Length == 0 ? name : $"{section.Path}.{name}";

    private static string DidYouMean(string written, IEnumerable<string> words) => NearestWord.To(written, words) is { } near ? $"; did you mean {near}?" : "; docs/settings.md lists them.";
}
