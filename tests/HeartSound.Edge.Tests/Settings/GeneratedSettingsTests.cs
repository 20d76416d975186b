using HeartSound.Edge.Settings;

namespace HeartSound.Edge.Tests.Settings;

/// <summary>What lies in the repository is what the code generates; where it is not, each test says the command that makes it so.</summary>
public sealed class GeneratedSettingsTests
{
    [Fact]
    public void Schema_Committed_IsTheGenerated() => Same("deploy/settings.schema.json", SettingsSchema.Generate(), "schema");

    [Fact]
    public void Reference_Committed_IsTheGenerated() => Same("docs/settings.md", SettingsReference.Generate(), "reference");

    [Fact]
    public void Example_Committed_IsFine() => Assert.Equal("ward-3", SettingsFile.Load(InRepository("deploy/settings.example.json"), new Dictionary<string, string>()).Settings.Device);

    [Fact]
    public void Defaults_OfEverySetting_AreAllowed()
    {
        foreach (var key in SettingsCatalog.Keys)
        {
            var raw = RawSetting.Parse(System.Text.Encoding.UTF8.GetBytes(SettingKey.Show(key.Default)));
            Assert.True(SettingValue.Read(key, raw, out _) is null, $"{key.Path} is {raw.Shown} by default, and {key.Allowed} is allowed");
        }

        Assert.All(SettingsRule.All, rule => Assert.Null(rule.Fault(new DeviceSettings())));
    }

    [Fact]
    public void Rules_AllPaths_AreSettings() => Assert.All(SettingsRule.All.SelectMany(r => r.Paths), path => Assert.Contains(SettingsCatalog.Keys, k => k.Path == path));

    [Fact]
    public void Numbers_AllOfThem_HaveARange() => Assert.All(SettingsCatalog.Keys.Where(k => k.Kind is SettingKind.Whole or SettingKind.Number), k => Assert.NotNull(k.Minimum));

    private static void Same(string file, string generated, string verb) =>
        Assert.True(File.ReadAllText(InRepository(file)) == generated, $"{file} is not what the code generates: bin/heartsound settings {verb} > {file}");

    private static string InRepository(string file)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "HeartSound.Edge.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return Path.Combine(folder, file);
    }
}
