using HeartSound.Edge.Doctor;
using HeartSound.Edge.Doctor.Probes;

namespace HeartSound.Edge.Tests.Doctor;

/// <summary>Lamps and button of a fabricated Jetson Nano whose chip is played.</summary>
public sealed class GpioProbeTests : IDisposable
{
    private readonly MachineFolder _machine = new MachineFolder().Settings("""{ "lights": { "kind": "gpio", "board": "jetson-nano" } }""");
    private readonly PlayedGpio _played = new();

    public GpioProbeTests() => Directory.CreateSymbolicLink(Path.Combine(_machine.Board.Path, "dev"), _played.Folder);

    public void Dispose()
    {
        Directory.Delete(Path.Combine(_machine.Board.Path, "dev"));
        _machine.Dispose();
        _played.Dispose();
    }

    [Fact]
    public void Lamps_ChipIsThere_AreTakenAndStayDark()
    {
        _played.Chip("gpiochip0", "label tegra-gpio", "lines 256");

        var finding = _machine.Ask(LampsProbe.Create());

        Assert.Equal(FindingLevel.Ok, finding.Level);
        Assert.Equal("tegra-gpio", (string?)finding.Details!["chips"]![0]!["label"]);
        Assert.Contains("149 0", _played.Log("gpiochip0"));
        Assert.DoesNotContain(_played.Log("gpiochip0"), entry => entry.EndsWith(" 1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("busy 149 spi0", FindingLevel.Failed, "'spi0'")]
    [InlineData("busy 149 heartsound", FindingLevel.Ok, "our own service")]
    [InlineData("open 13", FindingLevel.Failed, "Permission denied")]
    public void Lamps_CannotBeHad_SaysWho(string fault, FindingLevel level, string words)
    {
        _played.Chip("gpiochip0", "label tegra-gpio", "lines 256", fault);

        var finding = _machine.Ask(LampsProbe.Create());

        Assert.Equal((level, true), (finding.Level, finding.Message.Contains(words, StringComparison.Ordinal)));
        Assert.Equal(level == FindingLevel.Failed, finding.Fix is not null);
    }

    [Fact]
    public void Lamps_NoChip_SaysSo() => Assert.Equal(FindingLevel.Failed, _machine.Ask(LampsProbe.Create()).Level);

    [Fact]
    public void Lamps_UnknownBoard_SaysWhichThereAre()
    {
        var finding = _machine.Settings("""{ "lights": { "kind": "gpio", "board": "toaster" } }""").Ask(LampsProbe.Create());

        Assert.Equal(FindingLevel.Failed, finding.Level);
        Assert.Contains("jetson-nano", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "lights": { "kind": "none" } }""")]
    [InlineData("""{ "lights": { "kind": "auto" } }""")]
    [InlineData("""{ "lights": { "kind": "terminal" }, "button": { "enabled": false } }""")]
    public void LampsAndButton_NotWantedOrNotThere_AreNotApplicable(string settings)
    {
        _machine.Settings(settings);

        Assert.Equal(FindingLevel.NotApplicable, _machine.Ask(LampsProbe.Create()).Level);
        Assert.Equal(FindingLevel.NotApplicable, _machine.Ask(ButtonProbe.Create()).Level);
    }

    [Fact]
    public void Button_ChipIsThere_SaysWhetherItIsPressed()
    {
        _played.Chip("gpiochip0", "label tegra-gpio", "lines 256");

        var finding = _machine.Ask(ButtonProbe.Create());

        Assert.Equal(("15", 194), ((string?)finding.Details!["pin"], (int)finding.Details["line"]!));
        Assert.Equal((bool)finding.Details["pressed"]! ? FindingLevel.Warning : FindingLevel.Ok, finding.Level);
    }
}
