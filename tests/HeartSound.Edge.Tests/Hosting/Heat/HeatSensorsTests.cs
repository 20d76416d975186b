using HeartSound.Edge.Hosting.Heat;

namespace HeartSound.Edge.Tests.Hosting.Heat;

public class HeatSensorsTests
{
    [Fact]
    public void Read_JetsonNano_HottestZoneIsNotThePowerChip()
    {
        using var board = BoardFolder.Nano();

        var reading = board.Sensors.Read();

        Assert.Equal(new HeatZone("AO-therm", 45.5), reading.Hottest);
        Assert.Equal(["AO-therm", "CPU-therm", "GPU-therm", "PLL-therm", "thermal-fan-est"], reading.Zones.Select(z => z.Name));
        Assert.False(reading.Throttled);
        Assert.Equal("5W", reading.PowerMode);
        Assert.Null(reading.PowerEvents);
    }

    [Fact]
    public void Read_XavierNxWithGraphicsOff_LeavesTheZoneOut()
    {
        using var board = BoardFolder.XavierNx();

        var reading = board.Sensors.Read();

        Assert.Equal(new HeatZone("AO-therm", 42), reading.Hottest);
        Assert.DoesNotContain(reading.Zones, z => z.Name == "GPU-therm");
        Assert.Equal("MODE_15W_6CORE", reading.PowerMode); // no status yet: the default
    }

    [Fact]
    public void Read_OrinNano_UnreadableZoneIsSkippedAndPowerEventsAreCounted()
    {
        using var board = BoardFolder.OrinNano();

        var reading = board.Sensors.Read();

        Assert.Equal(new HeatZone("tj-thermal", 48.5), reading.Hottest);
        Assert.Equal(4, reading.Zones.Count);
        Assert.Equal("MAXN_SUPER", reading.PowerMode);
        Assert.Equal(new PowerEvents(0, 15, 37), reading.PowerEvents);
    }

    [Theory]
    [InlineData("cpu-balanced", true)]
    [InlineData("gpu-throttle-alert", true)]
    [InlineData("tegra-fan", false)]
    [InlineData("pwm-fan", false)]
    [InlineData("hot-surface-alert", false)]
    [InlineData("Processor", false)]
    public void Read_CoolingDeviceAtWork_ThrottledOnlyIfItSlowsDown(string cooler, bool throttled)
    {
        using var board = BoardFolder.Nano();
        board.Cooler(cooler, 1);

        var reading = board.Sensors.Read();

        Assert.Equal(throttled, reading.Throttled);
        Assert.Equal(throttled ? [cooler] : [], reading.ThrottledBy);
    }

    [Fact]
    public void Read_MachineWithoutAnything_IsNothing()
    {
        using var board = new BoardFolder();

        var reading = board.Sensors.Read();

        Assert.Empty(reading.Zones);
        Assert.Null(reading.Hottest);
        Assert.False(reading.Throttled);
        Assert.Null(reading.PowerMode);
        Assert.Null(reading.PowerEvents);
    }

    [Theory]
    [InlineData("")]
    [InlineData("warm")]
    [InlineData("999000")]
    [InlineData("-256000")]
    public void Read_NoTemperature_ZoneIsLeftOut(string text)
    {
        using var board = new BoardFolder();
        board.Zone("x86_pkg_temp", text);

        Assert.Null(board.Sensors.Read().Hottest);
    }

    [Theory]
    [InlineData("pmode:0003\n", "mode 3")]
    [InlineData("pmode:0001 fmode:fanNull\n", "5W")]
    [InlineData("nonsense\n", "MAXN")]
    public void Read_PowerModeStatus_IsNamed(string status, string name)
    {
        using var board = BoardFolder.Nano();
        board.Write("var/lib/nvpmodel/status", status);

        Assert.Equal(name, board.Sensors.Read().PowerMode);
    }
}
