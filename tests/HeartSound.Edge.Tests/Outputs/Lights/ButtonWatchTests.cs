using HeartSound.Edge.Health;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Native.Gpiod;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Outputs.Lights;

public sealed class ButtonWatchTests : IDisposable
{
    private readonly DeviceHealth _health = new(TimeProvider.System, NullLogger<DeviceHealth>.Instance);
    private readonly PlayedGpio _played = new();
    private readonly System.Collections.Concurrent.ConcurrentQueue<ButtonPress> _presses = new();

    public void Dispose() => _played.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Pressed_BouncingShortAndLongPress_AreSeen(int abi)
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16");
        using var watch = Make(() => _played.Chips(abi).OpenInput("rig-gpio", 4, activeLow: true, pullUp: true));
        Eventually.True(() => Part()?.Level == PartLevel.Ok);

        _played.Drive("gpiochip0", 4, "01010");
        Thread.Sleep(200);
        _played.Drive("gpiochip0", 4, "101");
        Eventually.True(() => !_presses.IsEmpty);
        Assert.Equal([ButtonPress.Short], _presses);

        _played.Drive("gpiochip0", 4, "010");
        Eventually.True(() => _presses.Count == 2); // still held
        _played.Drive("gpiochip0", 4, "1");
        Thread.Sleep(100);
        Assert.Equal([ButtonPress.Short, ButtonPress.Long], _presses);
        Assert.Equal(1, _health.Counters["buttonShortPresses"]);
    }

    [Fact]
    public void Pressed_HandlerThatThrows_GoesOn()
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16");
        using var watch = Make(() => _played.Chips(2).OpenInput("rig-gpio", 4, activeLow: true, pullUp: true), throws: true);
        for (var press = 1; press <= 2; press++)
        {
            Eventually.True(() => File.Exists(Path.Combine(_played.Folder, "gpiochip0.in.4")));
            _played.Drive("gpiochip0", 4, "0");
            Thread.Sleep(100);
            _played.Drive("gpiochip0", 4, "1");
            Eventually.True(() => _presses.Count == press);
        }

        Assert.Equal(PartLevel.Ok, Part()!.Level);
    }

    [Fact]
    public void Watch_LineInUse_IsDegradedAndTriedAgain()
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16", "busy 4 gpio-keys");
        using var watch = Make(() => _played.Chips(1).OpenInput("rig-gpio", 4, activeLow: true, pullUp: true));
        Eventually.True(() => Part()?.Cause == "busy");
        Assert.Contains("gpio-keys", Part()!.Message, StringComparison.Ordinal);
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16");
        Eventually.True(() => Part()!.Level == PartLevel.Ok);
        _played.Remove("gpiochip0");
        Eventually.True(() => Part()!.Cause == "noChip", () => Part()!.ToString());
    }

    [Fact]
    public void Watch_NotEnabled_DoesNothing()
    {
        using var watch = new ButtonWatch(() => throw new InvalidOperationException(), new ButtonOptions { Enabled = false }, _health, _presses.Enqueue, NullLogger<ButtonWatch>.Instance);
        Assert.Empty(_health.Parts);
    }

    private PartHealth? Part() => _health.Parts.GetValueOrDefault(DevicePart.Button);

    private ButtonWatch Make(Func<GpioInput> open, bool throws = false) => new(
        open,
        new ButtonOptions { LongPressSeconds = 0.7 },
        _health,
        press =>
        {
            _presses.Enqueue(press);
            if (throws) throw new InvalidOperationException("nobody foresaw this");
        },
        NullLogger<ButtonWatch>.Instance);
}
