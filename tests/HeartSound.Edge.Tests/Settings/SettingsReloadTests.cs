using System.Text;
using HeartSound.Edge.Health;
using HeartSound.Edge.Settings;
using HeartSound.Edge.Tests.Recordings;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Settings;

public sealed class SettingsReloadTests : IDisposable
{
    private static readonly Dictionary<string, string> NoVariables = [];

    private readonly TemporaryFolder _folder = new();
    private readonly DeviceHealth _health = new(TimeProvider.System, NullLogger<DeviceHealth>.Instance);
    private readonly SettingsReload _reload;

    public SettingsReloadTests() => _reload = new SettingsReload(SettingsFile.Load(Write("""{ "examination": { "seconds": 20 } }"""), NoVariables), _health, NullLogger<SettingsReload>.Instance, NoVariables);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reload_NothingChanged_ChangesNothing()
    {
        var change = _reload.Reload()!;
        Assert.Empty(change.Applied);
        Assert.Empty(change.AfterRestart);
        Assert.Equal("inForce", _health.Parts[DevicePart.Settings].Cause);
    }

    [Fact]
    public void Reload_NewValues_AreInForceWhereTheyCanBe()
    {
        Write("""{ "examination": { "seconds": 10 }, "capture": { "channel": 2 } }""");
        var change = _reload.Reload()!;
        Assert.Equal((20, 10, 1), (change.Old.Examination.Seconds, change.InForce.Examination.Seconds, change.InForce.Capture.Channel));
        Assert.Equal(["examination.seconds"], change.Applied);
        Assert.Equal(["capture.channel"], change.AfterRestart);
        Assert.Equal("restartNeeded", _health.Parts[DevicePart.Settings].Cause);
        Assert.Equal("now in force: examination.seconds; after a restart: capture.channel", change.ToString());
    }

    [Fact]
    public void Reload_BackToWhatItWasStartedWith_NeedsNoRestart()
    {
        Write("""{ "examination": { "seconds": 20 }, "capture": { "channel": 2 } }""");
        _reload.Reload();
        Write("""{ "examination": { "seconds": 20 } }""");
        Assert.Empty(_reload.Reload()!.AfterRestart);
        Assert.Equal("inForce", _health.Parts[DevicePart.Settings].Cause);
    }

    [Fact]
    public void Reload_InvalidSettings_AreRefusedWithAllTheirFaultsAndTheOldOnesStay()
    {
        Write("""{ "examination": { "seconds": 1 }, "capture": { "chanel": 2 } }""");
        Assert.Null(_reload.Reload());
        var part = _health.Parts[DevicePart.Settings];
        Assert.Equal((PartLevel.Degraded, "refused"), (part.Level, part.Cause));
        Assert.Contains("examination.seconds is 1", part.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean capture.channel?", part.Message, StringComparison.Ordinal);

        Write("""{ "examination": { "seconds": 30 } }""");
        Assert.Equal(20, _reload.Reload()!.Old.Examination.Seconds);
        Assert.Equal(PartLevel.Ok, _health.Parts[DevicePart.Settings].Level);
    }

    [Fact]
    public void Reload_FileIsGone_IsRefused()
    {
        File.Delete(Path.Combine(_folder.Path, "settings.json"));
        Assert.Null(_reload.Reload());
    }

    [Fact]
    public void WhileRunning_AllOfThem_AreSettingsOrSections() =>
        Assert.All(SettingsReload.WhileRunning, w => Assert.Contains(SettingsCatalog.Keys, k => k.Path == w || k.Path.StartsWith(w + '.', StringComparison.Ordinal)));

    private string Write(string json) => _folder.Write("settings.json", Encoding.UTF8.GetBytes(json));
}
