using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Outputs.Lights;

namespace HeartSound.Edge.Tests.Hosting;

/// <summary>Lamps that somebody has muted.</summary>
public sealed class MuteTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Muted_EveryScene_IsDarkButForWhatAPersonMustKnow()
    {
        Scene[] shown = [Scene.Fault, Scene.Paused, Scene.Updating, Scene.Identify];
        foreach (var scene in Enum.GetValues<Scene>())
        {
            foreach (var verdict in Enum.GetValues<VerdictLight>().Cast<VerdictLight?>().Append(null))
            {
                var indication = new Indication { Scene = scene, Verdict = verdict, HeartRateBpm = 60 };
                var muted = IndicationRule.Muted(indication);
                if (shown.Contains(scene)) Assert.Equal(indication, muted);
                else Assert.All(Enumerable.Range(0, 600), i => Assert.Equal(Lamps.None, LightPattern.At(muted, TimeSpan.FromMilliseconds(10 * i))));
            }
        }
    }

    [Fact]
    public void Muted_FaultThatComesMeanwhile_IsShown()
    {
        var activity = new DeviceActivity(_time);
        activity.Ready();
        activity.Mute(TimeSpan.FromMinutes(60));
        Assert.Equal(Scene.Fault, IndicationRule.Muted(IndicationRule.Of(activity, PartLevel.Failed, HeatStep.Normal, isUpdating: false, TimeSpan.Zero)).Scene);
    }

    [Fact]
    public void MutedUntil_WallClockIsSet_EndsByTheOtherClockAndSaysTheNewTime()
    {
        var clock = new SettableTime(_time);
        var activity = new DeviceActivity(clock);
        activity.Mute(TimeSpan.FromMinutes(10));
        var until = activity.MutedUntil!.Value;
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(until, activity.MutedUntil);
        clock.Step = TimeSpan.FromHours(5);
        Assert.Equal(until.AddHours(5), activity.MutedUntil);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Null(activity.MutedUntil);
    }

    [Fact]
    public void Unmute_SaysWhetherItWas()
    {
        var activity = new DeviceActivity(_time);
        Assert.False(activity.Unmute());
        activity.Mute(TimeSpan.FromMinutes(1));
        Assert.True(activity.Unmute());
        Assert.Null(activity.MutedUntil);
    }

    private sealed class SettableTime(TimeProvider monotonic) : TimeProvider
    {
        public TimeSpan Step { get; set; }

        public override long TimestampFrequency => monotonic.TimestampFrequency;

        public override long GetTimestamp() => monotonic.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => monotonic.GetUtcNow() + Step;
    }
}
