using HeartSound.Edge.Doctor;
using HeartSound.Edge.Doctor.Probes;
using HeartSound.Edge.Tests.Hosting.Heat;

namespace HeartSound.Edge.Tests.Doctor;

public class ProbeTests
{
    [Fact]
    public void Heat_JetsonNano_SaysZoneAndPowerMode()
    {
        using var machine = new MachineFolder(BoardFolder.Nano());

        var finding = machine.Ask(HeatProbe.Create());

        Assert.Equal(FindingLevel.Ok, finding.Level);
        Assert.Contains("AO-therm 45.5 °C", finding.Message, StringComparison.Ordinal);
        Assert.Equal("5W", (string?)finding.Details!["powerMode"]);
    }

    [Theory]
    [InlineData(90, FindingLevel.Warning)]
    [InlineData(96, FindingLevel.Failed)]
    public void Heat_Hot_SaysSoByTheSettings(int celsius, FindingLevel level)
    {
        using var machine = new MachineFolder();
        machine.Board.Zone("CPU-therm", $"{celsius}000");

        Assert.Equal(level, machine.Ask(HeatProbe.Create()).Level);
    }

    [Fact]
    public void Heat_UnderVoltage_IsAWarningAndOverCurrentIsNot()
    {
        using var machine = new MachineFolder(BoardFolder.OrinNano());
        Assert.Equal(FindingLevel.Ok, machine.Ask(HeatProbe.Create()).Level);

        machine.Board.PowerEvents(2, 0, 0);
        Assert.Contains("power supply", machine.Ask(HeatProbe.Create()).Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Heat_MachineWithoutSensors_IsNotApplicable()
    {
        using var machine = new MachineFolder();

        Assert.Equal(FindingLevel.NotApplicable, machine.Ask(HeatProbe.Create()).Level);
    }

    [Fact]
    public void Settings_Faults_AreAllSaid()
    {
        using var machine = new MachineFolder().Settings("""{ "capture": { "channel": 0, "chanel": 2 }, "heat": { "slowAboveCelsius": "warm" } }""");

        var finding = machine.Ask(SettingsProbe.Create());

        Assert.Equal(FindingLevel.Failed, finding.Level);
        foreach (var path in new[] { "capture.channel", "capture.chanel", "heat.slowAboveCelsius" }) Assert.Contains(path, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, "29 44 999", FindingLevel.Ok)]
    [InlineData(1000, "29 44", FindingLevel.Warning)]
    [InlineData(1000, "44 999", FindingLevel.Failed)]
    [InlineData(0, "", FindingLevel.Ok)]
    public void Groups_OfWhoAsks_AreJudged(int user, string groups, FindingLevel level)
    {
        using var machine = new MachineFolder();
        machine.Board.Write("etc/group", "users:x:100:\naudio:x:29:\ngpio:x:999:\nvideo:x:44:\n");
        machine.Board.Write("proc/self/status", $"Name:\tx\nUid:\t{user}\t{user}\t{user}\t{user}\nGid:\t100\t100\t100\t100\nGroups:\t{groups} \n");

        Assert.Equal(level, machine.Ask(GroupsProbe.Create()).Level);
    }

    [Fact]
    public void Groups_MachineWithoutThem_IsNotApplicable()
    {
        using var machine = new MachineFolder();
        machine.Board.Write("etc/group", "users:x:100:\n");

        Assert.Equal(FindingLevel.NotApplicable, machine.Ask(GroupsProbe.Create()).Level);
    }

    [Theory]
    [InlineData(2000, FindingLevel.Ok)]
    [InlineData(200, FindingLevel.Warning)]
    [InlineData(50, FindingLevel.Failed)]
    public void Memory_Available_IsJudged(int megabytes, FindingLevel level)
    {
        using var machine = new MachineFolder();
        machine.Board.Write("proc/meminfo", $"MemTotal:        4051360 kB\nMemFree:          1 kB\nMemAvailable:   {megabytes * 1024} kB\nSwapTotal:        0 kB\nSwapFree:         0 kB\n");

        Assert.Equal(level, machine.Ask(MemoryProbe.Create()).Level);
    }

    [Fact]
    public void CardHolder_CardThatAProcessHas_IsFound()
    {
        using var machine = new MachineFolder();
        machine.Board.Write("proc/asound/cards", " 1 [Stethoscope    ]: USB-Audio - Virtual Stethoscope\n                      Example at usb\n");
        machine.Board.Write("proc/asound/card1/pcm0c/sub0/status", "closed\n");
        Assert.Empty(CardHolder.All(machine.Case));

        machine.Board.Write("proc/asound/card1/pcm0c/sub0/status", "state: RUNNING\nowner_pid   : 1\ntrigger_time: 3.2\n");
        var holder = Assert.Single(CardHolder.All(machine.Case));
        Assert.Equal(("Stethoscope", 1, false), (holder.Card.Id, holder.Pid, holder.IsService));
    }

    [Theory]
    [InlineData("""{ "record": { "enabled": false } }""", FindingLevel.NotApplicable)]
    [InlineData("""{ "record": { "enabled": true, "keyFile": "/no/such/key" } }""", FindingLevel.Warning)]
    public void Record_Key_IsLookedAtWhereExaminationsAreKept(string settings, FindingLevel level)
    {
        using var machine = new MachineFolder().Settings(settings);

        Assert.Equal(level, machine.Ask(RecordProbe.Create()).Level);
    }

    [Fact]
    public void Broker_NoneSet_IsNotApplicable()
    {
        using var machine = new MachineFolder();

        Assert.Equal(FindingLevel.NotApplicable, machine.Ask(BrokerProbe.Create()).Level);
    }
}
