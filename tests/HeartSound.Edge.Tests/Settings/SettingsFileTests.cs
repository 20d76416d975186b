using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Settings;
using HeartSound.Edge.Tests.Recordings;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Tests.Settings;

public sealed class SettingsFileTests : IDisposable
{
    private static readonly Dictionary<string, string> NoVariables = [];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_EmptyObject_IsDefaults()
    {
        var loaded = Load("{}");
        Assert.Equal(new DeviceSettings().Capture, loaded.Settings.Capture);
        Assert.Equal([OnnxProvider.TensorRt, OnnxProvider.Cuda, OnnxProvider.Cpu], loaded.Settings.Model.Providers);
        Assert.Empty(loaded.Origins);
    }

    [Fact]
    public void Load_EveryKindOfValue_IsRead()
    {
        var loaded = Load("""
            // what people write
            {
              "$schema": "x.json",
              "model": { "providers": ["tensorRt", "cpu"] },
              "capture": { "usbId": "1209:5a7e:STETH-0001", "sampleRateHz": 48000, "channel": 2, "name": null, },
              "examination": { "start": "button", "seconds": 12.5 }, /* and so on */
              "button": { "enabled": false },
            }
            """);
        var settings = loaded.Settings;
        Assert.Equal([OnnxProvider.TensorRt, OnnxProvider.Cpu], settings.Model.Providers);
        Assert.Equal(("1209:5a7e:STETH-0001", 48000, 2, null), (settings.Capture.UsbId, settings.Capture.SampleRateHz, settings.Capture.Channel, settings.Capture.Name));
        Assert.Equal((ExaminationStart.Button, 12.5, false), (settings.Examination.Start, settings.Examination.Seconds, settings.Button.Enabled));
        Assert.Equal($"{loaded.File}:6", loaded.Origins["examination.seconds"]);
    }

    private const string TlsFiles = "broker.tls.enabled, broker.tls.caFile, broker.tls.certificateFile, broker.tls.keyFile";

    [Theory]
    [InlineData("""{ "chanel": 1 }""", "chanel", "no such setting")]
    [InlineData("""{ "capture": { "usbID": "1209:5a7e" } }""", "capture.usbID", "did you mean capture.usbId?")]
    [InlineData("""{ "usbId": "1209:5a7e" }""", "usbId", "did you mean capture.usbId?")]
    [InlineData("""{ "frontEnd": {} }""", "frontEnd", "no such setting")]
    [InlineData("""{ "capture": { "channel": "1" } }""", "capture.channel", "a whole number from 1 to 32.")]
    [InlineData("""{ "capture": { "channel": 1.5 } }""", "capture.channel", "a whole number from 1 to 32.")]
    [InlineData("""{ "capture": { "channel": 0 } }""", "capture.channel", "a whole number from 1 to 32.")]
    [InlineData("""{ "capture": { "channel": 33 } }""", "capture.channel", "a whole number from 1 to 32.")]
    [InlineData("""{ "capture": { "channel": 99999999999 } }""", "capture.channel", "a whole number from 1 to 32.")]
    [InlineData("""{ "capture": { "channel": null } }""", "capture.channel", "a whole number from 1 to 32.")]
    [InlineData("""{ "capture": [] }""", "capture", "must be an object")]
    [InlineData("""{ "capture": { "channel": 1, "channel": 2 } }""", "capture.channel", "for the second time")]
    [InlineData("""{ "capture": { "alsaCard": "1" } }""", "capture.alsaCard", "a number alone")]
    [InlineData("""{ "capture": { "usbPath": "1-2\n" } }""", "capture.usbPath", "a USB port")]
    [InlineData("""{ "capture": { "name": " " } }""", "capture.name", "not empty")]
    [InlineData("""{ "examination": { "seconds": 1e400 } }""", "examination.seconds", "from 5 to 600")]
    [InlineData("""{ "examination": { "start": "contact " } }""", "examination.start", "did you mean contact?")]
    [InlineData("""{ "lights": { "kind": 1 } }""", "lights.kind", "auto, gpio, terminal or none")]
    [InlineData("""{ "lights": { "board": null } }""", "lights.board", "not empty")]
    [InlineData("""{ "button": { "enabled": "yes" } }""", "button.enabled", "true or false")]
    [InlineData("""{ "model": { "providers": [] } }""", "model.providers", "at least one")]
    [InlineData("""{ "model": { "providers": ["cpu", "cpu"] } }""", "model.providers", "at most once")]
    [InlineData("""{ "model": { "providers": "cpu" } }""", "model.providers", "a list of")]
    [InlineData("""{ "model": { "providers": ["cpu", "cuda"] } }""", "model.providers", "cpu must come last")]
    [InlineData("""{ "model": { "providers": ["tensorRt"] } }""", "model.providers", "cpu must come last")]
    [InlineData("""{ "device": "ward 3" }""", "device", "1 to 64 letters")]
    [InlineData("""{ "heat": { "slowAboveCelsius": 94 } }""", "heat.slowAboveCelsius, heat.pauseAboveCelsius, heat.hysteresisCelsius", "at least the hysteresis")]
    [InlineData("""{ "broker": { "host": "::1", "passwordFile": "/p" } }""", "broker.username, broker.passwordFile", "a password needs a user name")]
    [InlineData("""{ "broker": { "host": "b:1884" } }""", "broker.host", "broker.port")]
    [InlineData("""{ "broker": { "host": "mqtt://b" } }""", "broker.host", "broker.port")]
    [InlineData("""{ "broker": { "host": "10.0.0.1" } }""", "broker.host, broker.tls.enabled, broker.allowPlainText", "another machine")]
    [InlineData("""{ "broker": { "host": "b", "username": "u", "passwordFile": "/p" } }""", "broker.host, broker.tls.enabled, broker.allowPlainText", "the password too")]
    [InlineData("""{ "broker": { "host": "localhost", "tls": { "caFile": "/ca" } } }""", TlsFiles, "TLS is off")]
    [InlineData("""{ "broker": { "host": "b", "tls": { "enabled": true, "keyFile": "/k" } } }""", TlsFiles, "needs its certificate")]
    public void Load_OneFault_IsNamedWithItsPlace(string json, string path, string problem)
    {
        var fault = Assert.Single(Faults(json));
        Assert.Equal(path, fault.Path);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        Assert.EndsWith("settings.json:1", fault.Origin, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{ \"device\" }")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{ \"device\": \"\uD800\" }")]
    public void Load_NoSettings_IsRefused(string text) => Assert.Single(Faults(text));

    [Fact]
    public void Load_DeepNesting_IsRefused() => Assert.Single(Faults(new string('[', 100_000)));

    [Fact]
    public void Load_ManyFaults_AreAllReportedAtOnce()
    {
        var faults = Faults("""
            {
              "device": "ward 3",
              "capture": { "channel": 0 },
              "heat": { "slowAboveCelsius": 20, "pauseAboveCelsius": 50, "hysteresisCelsius": 30 },
              "broker": { "password": "hunter2", "passwordFile": "/p" }
            }
            """, new() { ["HEARTSOUND_SETTINGS__LIGHTS__KIND"] = "led" });
        Assert.Equal(["device", "capture.channel", "heat.slowAboveCelsius", "broker.password", "lights.kind", "broker.username, broker.passwordFile"], faults.Select(f => f.Path));
        Assert.Equal("HEARTSOUND_SETTINGS__LIGHTS__KIND", faults[4].Origin);
        Assert.DoesNotContain(faults, f => f.ToString().Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_Variables_GoBeforeTheFile()
    {
        var loaded = Load("""{ "capture": { "channel": 2, "name": "Steth" }, "lights": { "kind": "gpio" } }""", new()
        {
            ["HEARTSOUND_SETTINGS__CAPTURE__CHANNEL"] = "3",
            ["heartsound_settings__capture__name"] = "",
            ["HEARTSOUND_SETTINGS__MODEL__PROVIDERS"] = "cuda, cpu",
            ["HEARTSOUND_MODEL"] = "none of ours",
            ["HEARTSOUND_SETTINGS"] = "/none/of/ours/where/a/path/is/given",
        });
        Assert.Equal((3, null, LightKind.Gpio), (loaded.Settings.Capture.Channel, loaded.Settings.Capture.Name, loaded.Settings.Lights.Kind));
        Assert.Equal([OnnxProvider.Cuda, OnnxProvider.Cpu], loaded.Settings.Model.Providers);
        Assert.Equal("HEARTSOUND_SETTINGS__CAPTURE__CHANNEL", loaded.Origins["capture.channel"]);
        Assert.EndsWith("and 3 environment variables", loaded.Source, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_UnknownVariable_IsRefusedWithTheNearest()
    {
        var fault = Assert.Single(Faults("{}", new() { ["HEARTSOUND_SETTINGS__CAPTURE__USB_ID"] = "1209:5a7e" }));
        Assert.Contains("did you mean HEARTSOUND_SETTINGS__CAPTURE__USBID?", fault.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileOfTheVariable_IsRead()
    {
        var file = _folder.Write("other.json", """{ "device": "from-variable" }"""u8.ToArray());
        Assert.Equal("from-variable", SettingsFile.Load(null, new Dictionary<string, string> { [SettingsFile.PathVariable] = file }).Settings.Device);
    }

    [Fact]
    public void Load_MissingFile_IsRefused()
    {
        var fault = Assert.Single(Assert.Throws<SettingsException>(() => SettingsFile.Load(Path.Combine(_folder.Path, "none.json"), NoVariables)).Faults);
        Assert.Contains("is not there", fault.Problem, StringComparison.Ordinal);
    }

    private LoadedSettings Load(string json, Dictionary<string, string>? variables = null) => SettingsFile.Load(_folder.Write("settings.json", System.Text.Encoding.UTF8.GetBytes(json)), variables ?? NoVariables);

    private IReadOnlyList<SettingsFault> Faults(string json, Dictionary<string, string>? variables = null) => Assert.Throws<SettingsException>(() => Load(json, variables)).Faults;
}
