using System.Numerics;
using HeartSound.Edge.Outputs.Lights;

namespace HeartSound.Edge.Tests.Outputs.Lights;

public sealed class LightPatternTests
{
    private const int StepMilliseconds = 20;

    // 36 s: whole periods of nearly everything; what is cut changes a comparison by less than its threshold.
    private const int Steps = 36_000 / StepMilliseconds;

    // Slow hearts, fast hearts, and those whose beat meets one of our own rhythms.
    private static readonly double?[] Rates = [null, 30, 40, 50, 60, 72, 90, 100, 120, 150, 180, 200, 220];

    public static TheoryData<string> Names => [.. LightScene.All.Select(s => s.Name)];

    /// <summary>Every state that the device can show: two that mean the same to a person (listening at 60 and at 72) are one.</summary>
    private static IEnumerable<(string Meaning, Indication Indication)> States()
    {
        foreach (var scene in Enum.GetValues<Scene>())
        {
            var shows = scene is Scene.WaitingForContact or Scene.Listening;
            foreach (var verdict in shows ? [null, .. Enum.GetValues<VerdictLight>().Cast<VerdictLight?>()] : new VerdictLight?[] { null })
            {
                foreach (var bpm in scene == Scene.Listening ? Rates : [null])
                {
                    var meaning = scene == Scene.Listening && bpm is null ? "listening without rate" : scene.ToString();
                    yield return ($"{meaning}, {verdict?.ToString() ?? "no verdict"}", new Indication { Scene = scene, Verdict = verdict, HeartRateBpm = bpm });
                }
            }
        }
    }

    [Fact]
    public void At_AnyTwoMeanings_DifferInTheNumberOfLampsLitAlone()
    {
        // What an eye (or a photocell) sees that knows neither colours nor places: how bright all lamps together are, over time, however the two are shifted.
        var states = States().Select(s => (s.Meaning, Light: Sample(s.Indication, lamps => BitOperations.PopCount((uint)lamps)))).ToList();
        AllDiffer(states, 0.075);
    }

    [Fact]
    public void At_VerdictsFaultsAndTheRest_DifferInLitAndDarkAlone()
    {
        // Harder still: one blurred spot that is lit or dark. What must never be mixed up differs even so: the verdicts from each other and from all scenes without one.
        var states = States().Select(s => (Meaning: s.Indication.Verdict?.ToString() ?? s.Meaning, Light: Sample(s.Indication, lamps => lamps == 0 ? 0 : 1))).ToList();
        AllDiffer(states, 0.075);
    }

    [Fact]
    public void At_AnyTwoMeanings_DifferInPlaces()
    {
        var states = States().Select(s => (s.Meaning, Light: Sample(s.Indication, lamps => (int)lamps))).ToList();
        AllDiffer(states, 0.075);
    }

    [Fact]
    public void At_EveryMomentOfEveryState_GreenMeansNormalAndNothingElse()
    {
        foreach (var (meaning, indication) in States())
        {
            var isNormal = indication.Verdict == VerdictLight.Normal;
            for (var i = 0; i < Steps; i++)
            {
                var lamps = LightPattern.At(indication, Time(i));
                Assert.True(lamps.HasFlag(Lamps.Normal) == isNormal, $"{meaning} at {Time(i)}: {lamps}");
                Assert.False(lamps.HasFlag(Lamps.Normal) && (lamps & (Lamps.Abnormal | Lamps.Unsure)) != 0, $"{meaning} at {Time(i)}: {lamps}");
            }
        }
    }

    [Fact]
    public void At_EverySceneThatHidesVerdicts_DoesNotShowAStandingOne()
    {
        foreach (var scene in Enum.GetValues<Scene>().Except([Scene.WaitingForContact, Scene.Listening]))
        {
            foreach (var verdict in Enum.GetValues<VerdictLight>())
            {
                var with = Sample(new Indication { Scene = scene, Verdict = verdict }, lamps => (int)lamps);
                Assert.Equal(Sample(new Indication { Scene = scene }, lamps => (int)lamps), with);
            }
        }
    }

    [Fact]
    public void LampTest_LightsAllAtOnceAndNeverGreenAlone()
    {
        var seen = Enumerable.Range(0, 100).Select(i => LightPattern.LampTest.At(Time(i))).Distinct();
        Assert.Equal([Lamps.All, Lamps.None], seen);
    }

    [Theory]
    [InlineData(60, 1000)]
    [InlineData(120, 500)]
    [InlineData(5, 2000)]
    [InlineData(1000, 273)]
    public void Activity_Listening_FlashesOnceABeat(double bpm, int periodMilliseconds)
    {
        var heart = LightPattern.Activity(new Indication { Scene = Scene.Listening, HeartRateBpm = bpm });
        Assert.Equal(TimeSpan.FromMilliseconds(periodMilliseconds), heart.Period);
        Assert.Equal(Lamps.Activity, heart.At(TimeSpan.Zero));
        Assert.Equal(Lamps.None, heart.At(heart.Period * 0.5));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Activity_ListeningWithARateThatIsNone_ShowsNoRate(double bpm) =>
        Assert.Equal(LightPattern.Activity(new Indication { Scene = Scene.Listening }).Period, LightPattern.Activity(new Indication { Scene = Scene.Listening, HeartRateBpm = bpm }).Period);

    [Theory]
    [MemberData(nameof(Names))]
    public void UntilChange_EveryPicture_IsNeverAfterTheLampsChange(string name)
    {
        var scene = LightScene.All.Single(s => s.Name == name);
        var rhythms = scene.Indication is null ? [LightPattern.LampTest] : new[] { LightPattern.Activity(scene.Indication), LightPattern.Verdict(scene.Indication) };
        foreach (var rhythm in rhythms)
        {
            for (var i = 0; i < 500; i++)
            {
                var time = Time(i);
                var next = rhythm.UntilChange(time);
                var last = next == Timeout.InfiniteTimeSpan ? TimeSpan.FromHours(1) : next - TimeSpan.FromTicks(1);
                Assert.True(last >= TimeSpan.Zero);
                Assert.Equal(rhythm.At(time), rhythm.At(time + last));
            }
        }
    }

    private static TimeSpan Time(int step) => TimeSpan.FromMilliseconds(step * StepMilliseconds);

    private static int[] Sample(Indication indication, Func<Lamps, int> see) => [.. Enumerable.Range(0, Steps).Select(i => see(LightPattern.At(indication, Time(i))))];

    private static void AllDiffer(List<(string Meaning, int[] Light)> states, double atLeast)
    {
        var nearest = (Share: 1.0, Pair: "");
        for (var a = 0; a < states.Count; a++)
        {
            for (var b = a + 1; b < states.Count; b++)
            {
                if (states[a].Meaning == states[b].Meaning) continue;
                var share = Difference(states[a].Light, states[b].Light);
                if (share < nearest.Share) nearest = (share, $"{states[a].Meaning} | {states[b].Meaning}");
            }
        }

        Assert.True(nearest.Share >= atLeast, $"only {nearest.Share:P1} of the time: {nearest.Pair}");
    }

    // The share of the time in which the two differ, at the shift (up to 6 s, longer than every period) at which they are most alike.
    private static double Difference(int[] a, int[] b)
    {
        const int MostShift = 6_000 / StepMilliseconds;
        var length = Steps - MostShift;
        var least = length;
        for (var shift = 0; shift < MostShift && least > 0; shift++)
        {
            var different = 0;
            for (var i = 0; i < length && different < least; i++) different += a[i + shift] != b[i] ? 1 : 0;
            least = different;
        }

        return least / (double)length;
    }
}
