using System.Diagnostics;
using HeartSound.Edge.Health;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Outputs.Lights;

public sealed class LightShowTests : IDisposable
{
    private static readonly LightOptions NoTest = new() { LampTest = false };

    private readonly DeviceHealth _health = new(TimeProvider.System, NullLogger<DeviceHealth>.Instance);
    private readonly PlayedGpio _played = new();

    public void Dispose() => _played.Dispose();

    [Fact]
    public void Show_Scenes_PlaysThemInTurnAndBeginsEachOnce()
    {
        var lamps = new FakeIndicator();
        using var show = Make(() => lamps, NoTest);
        show.Show(new Indication { Scene = Scene.Fault });
        Eventually.True(() => lamps.Shown.Contains(Lamps.Unsure | Lamps.Abnormal));
        show.Show(new Indication { Scene = Scene.WaitingForContact, Verdict = VerdictLight.Normal });
        Eventually.True(() => lamps.Shown.Contains(Lamps.Normal));
        show.Show(new Indication { Scene = Scene.Listening, Verdict = VerdictLight.Normal, HeartRateBpm = 60 });
        show.Show(new Indication { Scene = Scene.Listening, Verdict = VerdictLight.Normal, HeartRateBpm = 61 });
        Eventually.True(() => lamps.Begun.Any(b => b.Scene == Scene.Listening));
        show.Show(new Indication { Scene = Scene.Listening, Verdict = VerdictLight.Normal, HeartRateBpm = 62 });
        show.Show(new Indication { Scene = Scene.Off });
        Eventually.True(() => lamps.Shown[^1] == Lamps.None && lamps.Begun[^1].Scene == Scene.Off);
        Assert.Equal(4, lamps.Begun.Where(b => b.Scene != Scene.Off).Select(b => b.Scene).Distinct().Count() + 1);
        Assert.Equal(lamps.Begun.Count, lamps.Begun.Select(b => (b.Scene, b.Verdict)).Distinct().Count() + (lamps.Begun[0].Scene == Scene.Off ? 1 : 0));
    }

    [Fact]
    public void Show_LampTestWanted_LightsAllBeforeAnythingElseAndNotAgain()
    {
        var lamps = new FakeIndicator();
        using var show = Make(() => lamps, new LightOptions());
        show.Show(new Indication { Scene = Scene.Starting });
        Eventually.True(() => lamps.Shown.Contains(Lamps.Activity));
        Assert.Equal([Lamps.All, Lamps.None, Lamps.Activity], lamps.Shown.Take(3));
    }

    [Fact]
    public void Show_LampsThatTakeLongToBeLitFirst_AreLitForTheWholeLampTest()
    {
        var clock = Stopwatch.StartNew();
        var at = new List<TimeSpan>();
        var lamps = new FakeIndicator();
        lamps.Setting = _ =>
        {
            if (at.Count == 0) Thread.Sleep(600);
            at.Add(clock.Elapsed);
        };
        using var show = Make(() => lamps, new LightOptions());
        Eventually.True(() => lamps.Shown.Count >= 2);
        Assert.Equal([Lamps.All, Lamps.None], lamps.Shown.Take(2));
        Assert.True(at[1] - at[0] >= TimeSpan.FromSeconds(0.99), $"lit for {at[1] - at[0]}");
    }

    [Fact]
    public void Show_LampsThatCannotBeOpened_DegradeAndAreTriedAgain()
    {
        var tries = 0;
        var lamps = new FakeIndicator();
        using var show = Make(() => ++tries < 3 ? throw new NativeLibraryMissingException("libgpiod is not there") : lamps, NoTest);
        show.Show(new Indication { Scene = Scene.Starting });
        Eventually.True(() => Part()?.Level == PartLevel.Degraded);
        Assert.Equal("libraryMissing", Part()!.Cause);
        Assert.Equal("libgpiod is not there", Part()!.Message);
        Eventually.True(() => Part()!.Level == PartLevel.Ok && lamps.Shown.Contains(Lamps.Activity));
        Assert.Equal(2, _health.Counters["lightFailures"]);
    }

    [Fact]
    public void Show_LampsThatThrowOnceOpen_AreClosedAndOpenedAnew()
    {
        var broken = new FakeIndicator { Setting = _ => throw new InvalidOperationException("the chip has gone") };
        var whole = new FakeIndicator();
        var lamps = new Queue<FakeIndicator>([broken, whole]);
        using var show = Make(() => lamps.Dequeue(), NoTest);
        show.Show(new Indication { Scene = Scene.Updating });
        Eventually.True(() => whole.Shown.Contains(Lamps.Activity));
        Assert.True(broken.IsDisposed);
    }

    [Fact]
    public void Show_LampThatReadsDarkWhenLit_IsDegradedUntilItReadsLit()
    {
        var isStuck = true;
        var lamps = new FakeIndicator { Reading = lamps => Volatile.Read(ref isStuck) ? lamps & ~Lamps.Abnormal : lamps };
        using var show = Make(() => lamps, NoTest);
        show.Show(new Indication { Scene = Scene.WaitingForContact, Verdict = VerdictLight.Abnormal });
        Eventually.True(() => Part()?.Cause == "readBack");
        Assert.Contains("Abnormal was switched on and reads off", Part()!.Message, StringComparison.Ordinal);
        var shown = lamps.Shown.Count;
        Eventually.True(() => lamps.Shown.Count > shown + 5);
        Assert.Equal("readBack", Part()!.Cause); // also while it is dark, and rightly so
        Volatile.Write(ref isStuck, false);
        Eventually.True(() => Part()!.Level == PartLevel.Ok);
    }

    [Fact]
    public void Show_NoLamps_DoesNothingAndReportsNothing()
    {
        using var show = Make(null, new LightOptions());
        show.Show(new Indication { Scene = Scene.Fault });
        Assert.Empty(_health.Parts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Show_OnAPlayedChip_PlaysTheRhythmOnItsLinesAndEndsDark(bool oldKernel)
    {
        _played.Chip("gpiochip7", "label rig-gpio", "lines 16", oldKernel ? "no-v2" : "");
        var board = BoardFile.Find("rig")!;
        using (var show = Make(() => new GpioIndicator(board, _played.AllChips()), new LightOptions()))
        {
            show.Show(new Indication { Scene = Scene.Listening, HeartRateBpm = 200, Verdict = VerdictLight.Normal });
            Eventually.True(() => _played.Log("gpiochip7").Count(l => l == "0 1") > 8);
        }

        var log = _played.Log("gpiochip7").Where(l => !l.StartsWith("re", StringComparison.Ordinal)).ToList();
        Assert.Equal(["0 0", "1 0", "2 0", "3 0", "0 1", "1 1", "2 1", "3 1"], log.Take(8));
        foreach (var line in "0123") Assert.Equal($"{line} 0", log.Last(l => l[0] == line));
        Assert.Equal(1, log.Count(l => l == "3 1"));
        Assert.Equal(PartLevel.Ok, Part()!.Level);
    }

    [Fact]
    public void Show_ChipThatIsPulledAndComesBackUnderAnotherNumber_GoesOn()
    {
        _played.Chip("gpiochip0", "label rig-gpio", "lines 16");
        var board = BoardFile.Find("rig")!;
        using var show = Make(() => new GpioIndicator(board, _played.AllChips()), NoTest);
        show.Show(new Indication { Scene = Scene.Identify });
        Eventually.True(() => _played.Log("gpiochip0").Contains("3 1"));
        _played.Remove("gpiochip0");
        Eventually.True(() => Part()!.Cause == "noChip", () => Part()!.ToString());
        _played.Chip("gpiochip1", "label rig-gpio", "lines 16");
        Eventually.True(() => Part()!.Level == PartLevel.Ok && _played.Log("gpiochip1").Contains("3 1"));
    }

    private PartHealth? Part() => _health.Parts.GetValueOrDefault(DevicePart.Lights);

    private LightShow Make(Func<IIndicator>? open, LightOptions options) => new(open, options, _health, TimeProvider.System, NullLogger<LightShow>.Instance);
}
