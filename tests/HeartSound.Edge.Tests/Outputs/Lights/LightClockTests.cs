using HeartSound.Edge.Outputs.Lights;

namespace HeartSound.Edge.Tests.Outputs.Lights;

public sealed class LightClockTests
{
    private readonly LightClock _clock = new();

    [Fact]
    public void Show_HeartThatGetsFaster_GoesOnFromWhereTheBeatIs()
    {
        _clock.Show(Listening(60), Ms(0));
        Assert.False(_clock.Show(Listening(120), Ms(3500))); // half a beat is over: half a beat of 500 ms is left
        Assert.Equal(Lamps.None, _clock.At(Ms(3749)));
        Assert.Equal(Lamps.Activity, _clock.At(Ms(3750)));
    }

    [Fact]
    public void Show_RateReportedOverAndOver_LosesNoBeat()
    {
        // Once every 250 ms, with a rate that wanders a little, for a minute: 60 flashes, no stutter.
        var flashes = 0;
        var before = Lamps.None;
        for (var time = 0; time < 60_000; time++)
        {
            if (time % 250 == 0) _clock.Show(Listening(60 + (time / 250 % 3 * 0.2) - 0.2), Ms(time));
            var lamps = _clock.At(Ms(time));
            if (lamps == Lamps.Activity && before == Lamps.None) flashes++;
            before = lamps;
        }

        Assert.InRange(flashes, 59, 61);
    }

    [Fact]
    public void Show_SceneChangesUnderAStandingVerdict_TheVerdictsRhythmGoesOn()
    {
        Assert.True(_clock.Show(new Indication { Scene = Scene.Listening, Verdict = VerdictLight.CannotTell, HeartRateBpm = 60 }, Ms(0)));
        Assert.True(_clock.Show(new Indication { Scene = Scene.WaitingForContact, Verdict = VerdictLight.CannotTell }, Ms(1000)));
        Assert.Equal(Lamps.Unsure, _clock.At(Ms(1499)) & Lamps.Unsure);
        Assert.Equal(Lamps.None, _clock.At(Ms(1501)) & Lamps.Unsure);
    }

    [Fact]
    public void Show_NewVerdict_BeginsAtOnce()
    {
        _clock.Show(new Indication { Scene = Scene.WaitingForContact, Verdict = VerdictLight.CannotTell }, Ms(0));
        Assert.True(_clock.Show(new Indication { Scene = Scene.WaitingForContact, Verdict = VerdictLight.Abnormal }, Ms(2000)));
        Assert.Equal(Lamps.Abnormal, _clock.At(Ms(2001)));
        Assert.Equal(Ms(350), _clock.UntilChange(Ms(2000)));
    }

    [Fact]
    public void UntilChange_Off_IsForEver() => Assert.Equal(Timeout.InfiniteTimeSpan, _clock.UntilChange(Ms(5)));

    private static Indication Listening(double bpm) => new() { Scene = Scene.Listening, HeartRateBpm = bpm };

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
