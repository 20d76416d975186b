using HeartSound.Native.Gpiod;

namespace HeartSound.Native.Tests.Gpiod;

public sealed class GpioChipsTests : IDisposable
{
    private readonly PlayedGpio _played = new();

    public void Dispose() => _played.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void List_SeveralChips_NamesThemAndWhyOneCannotBeOpened(int abi)
    {
        _played.Chip("gpiochip2", "label tegra-gpio-aon", "lines 40");
        _played.Chip("gpiochip0", "label tegra-gpio", "lines 256");
        _played.Chip("gpiochip10", "open 13");
        var chips = _played.Chips(abi).List();
        Assert.Equal(["gpiochip0", "gpiochip2", null], chips.Select(c => c.Name));
        Assert.Equal(["tegra-gpio", "tegra-gpio-aon", null], chips.Select(c => c.Label));
        Assert.Equal([256, 40, 0], chips.Select(c => c.Lines));
        Assert.Contains("Permission denied (errno 13)", chips[2].Fault, StringComparison.Ordinal);
        Assert.Contains("gpio", chips[2].Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OpenOutputs_SetReadDispose_ArriveInTheChip(int abi)
    {
        _played.Chip("gpiochip3", "label rig-gpio", "lines 16", "stuck 2 0");
        using (var outputs = _played.Chips(abi).OpenOutputs("rig-gpio", [new(0), new(1, ActiveLow: true), new(2)]))
        {
            outputs.Set([true, true, true]);
            Span<bool> read = stackalloc bool[3];
            outputs.Read(read);
            Assert.Equal([true, true, false], read.ToArray());
            outputs.Set([false, true, true]);
        }

        var log = _played.Log("gpiochip3");
        Assert.Equal(["0 0", "1 1", "2 0", "0 1", "1 0", "2 1", "0 0"], log.Where(l => char.IsAsciiDigit(l[0])));
        Assert.Equal(["request 0 out 0", "request 1 out 1", "request 2 out 0"], log.Where(l => l.StartsWith("request", StringComparison.Ordinal)));
        Assert.Equal(["release 0", "release 1", "release 2"], log.TakeLast(3));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void OpenInput_EdgesDriven_AreReadWithTheirTimes(int abi, bool wallClock)
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16", wallClock ? "wall-clock" : "");
        using var input = _played.Chips(abi).OpenInput("rig-gpio", 4, activeLow: true, pullUp: true);
        Assert.True(input.HasPullUp);
        Assert.False(input.Read());
        var edges = new List<GpioEdge>();
        Assert.False(input.Wait(TimeSpan.Zero, edges));
        var before = KernelClock.Now;
        _played.Drive("gpiochip0", 4, "010");
        while (edges.Count < 3) Assert.True(input.Wait(TimeSpan.FromSeconds(20), edges));
        Assert.Equal([true, false, true], edges.Select(e => e.Active));
        Assert.True(input.Read());

        // The wall clock's resolution in .NET is 100 ns, and it may be slewed.
        Assert.All(edges, e => Assert.InRange(e.Time, before - TimeSpan.FromMilliseconds(50), KernelClock.Now));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OpenInput_KernelWithoutBias_DoesWithoutAndSaysSo(int abi)
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16", "no-bias");
        using var input = _played.Chips(abi).OpenInput("rig-gpio", 4, activeLow: false, pullUp: true);
        Assert.False(input.HasPullUp);
        Assert.Equal(["request 4 in pull-up 0"], _played.Log("gpiochip0"));
    }

    [Fact]
    public void OpenOutputs_BothLibraries_PrefersTheNewer()
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16");
        var chips = _played.AllChips();
        Assert.Equal("libgpiod 2.1.3, libgpiod 1.6.3", chips.Library);
        using var outputs = chips.OpenOutputs("rig-gpio", [new(0)]);
        Assert.Equal("libgpiod 2.1.3", outputs.Library);
    }

    [Fact]
    public void OpenOutputs_KernelBefore510_TakesTheOlder()
    {
        _played.Chip("gpiochip0", "label tegra-gpio", "lines 256", "no-v2");
        using var outputs = _played.AllChips().OpenOutputs("tegra-gpio", [new(149)]);
        Assert.Equal("libgpiod 1.6.3", outputs.Library);
        Assert.Equal("tegra-gpio", Assert.Single(_played.AllChips().List()).Label);
    }

    [Fact]
    public void OpenOutputs_KernelBefore510WithoutTheOlder_SaysWhichToInstall()
    {
        _played.Chip("gpiochip0", "label tegra-gpio", "lines 256", "no-v2");
        var fault = Fails(GpioFault.NoSuchLabel, () => _played.Chips(2).OpenOutputs("tegra-gpio", [new(149)]));
        Assert.Contains("libgpiod2", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OpenOutputs_NoChipAtAll_SaysSo(int abi) =>
        Assert.Contains("CONFIG_GPIO_CDEV", Fails(GpioFault.NoChip, () => _played.Chips(abi).OpenOutputs("tegra-gpio", [new(1)])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OpenOutputs_NoChipWithTheLabel_ListsThoseThatAreThere(int abi)
    {
        _played.Chip("gpiochip0", "label tegra-gpio", "lines 256");
        _played.Chip("gpiochip1", "label max77620-gpio", "lines 8");
        var fault = Fails(GpioFault.NoSuchLabel, () => _played.Chips(abi).OpenOutputs("tegra234-gpio", [new(1)]));
        Assert.Contains("'tegra-gpio'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("'max77620-gpio'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OpenOutputs_LineInUse_NamesWhoUsesIt(int abi)
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16", "busy 1 spi0");
        var fault = Fails(GpioFault.Busy, () => _played.Chips(abi).OpenOutputs("rig-gpio", [new(0), new(1)]));
        Assert.Contains("line 1 is used by 'spi0'", fault.Message, StringComparison.Ordinal);
        Assert.Equal(16, fault.Errno);
        Fails(GpioFault.Busy, () => _played.Chips(abi).OpenInput("rig-gpio", 1, activeLow: true, pullUp: true));
    }

    [Theory]
    [InlineData(1, "open 13")]
    [InlineData(2, "open 13")]
    [InlineData(1, "open 1")]
    public void OpenOutputs_Forbidden_SaysWhichGroup(int abi, string refusal)
    {
        _played.Chip("gpiochip0", refusal);
        Assert.Contains("usermod -aG gpio", Fails(GpioFault.Forbidden, () => _played.Chips(abi).OpenOutputs("rig-gpio", [new(0)])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OpenOutputs_LineBeyondTheLast_SaysHowMany(int abi)
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16");
        Assert.Contains("0 to 15, not 16", Fails(GpioFault.OutOfRange, () => _played.Chips(abi).OpenOutputs("rig-gpio", [new(3), new(16)])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Use_ChipThatGoes_IsGone(int abi)
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16");
        using var outputs = _played.Chips(abi).OpenOutputs("rig-gpio", [new(0)]);
        using var input = _played.Chips(abi).OpenInput("rig-gpio", 4, activeLow: true, pullUp: true);
        _played.Remove("gpiochip0");
        Fails(GpioFault.Gone, () => outputs.Set([true]));
        Fails(GpioFault.Gone, () => outputs.Read(new bool[1]));
        Fails(GpioFault.Gone, () => input.Read());
        Fails(GpioFault.Gone, () => input.Wait(TimeSpan.FromSeconds(20), []));
    }

    private static GpioException Fails(GpioFault fault, Action act)
    {
        var exception = Assert.Throws<GpioException>(act);
        Assert.Equal(fault, exception.Fault);
        return exception;
    }
}
