using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Tests.Hosting;

namespace HeartSound.Edge.Tests.Pipeline;

/// <summary>While an update wants in, the examination under way is the last one.</summary>
public sealed class HeldExaminationsTests
{
    [Theory]
    [InlineData(ExaminationStart.Always)]
    [InlineData(ExaminationStart.Contact)]
    public void Held_WhileOneIsUnderWay_ItGetsItsVerdictAndNoneBegins(ExaminationStart start)
    {
        var examinations = new Examinations(new ExaminationOptions { Start = start, Seconds = 10 });
        var phases = new List<ExaminationPhase>();
        var verdicts = Listening.To(new PlannedSource(400, Listening.Heart(15), () => { examinations.IsHeld = true; }, Listening.Heart(30), () =>
        {
            Assert.True(examinations.IsHolding);
            phases.Add(examinations.State.Phase);
        }), examinations);

        Assert.Equal([ExaminationPhase.Idle], phases);
        Assert.Equal(2, verdicts.Count); // the one before, and the one under way
        Assert.All(verdicts, v => Assert.InRange(v.Examination.EndSeconds - v.Examination.StartSeconds, 9, 11));
    }

    [Theory]
    [InlineData(ExaminationStart.Always)]
    [InlineData(ExaminationStart.Contact)]
    public void Held_FromTheStart_NoneBeginsUntilItIsOver(ExaminationStart start)
    {
        var examinations = new Examinations(new ExaminationOptions { Start = start, Seconds = 10 }) { IsHeld = true };
        var verdicts = Listening.To(new PlannedSource(400, Listening.Heart(20), () => { examinations.IsHeld = false; }, Listening.Heart(15)), examinations);

        Assert.NotEmpty(verdicts);
        Assert.True(verdicts[0].Examination.StartSeconds >= 19, $"it began at {verdicts[0].Examination.StartSeconds} s");
    }

    [Fact]
    public void Held_ButtonAndStart_BeginNothing()
    {
        var examinations = new Examinations(new ExaminationOptions { Start = ExaminationStart.Button, Seconds = 10 }) { IsHeld = true };
        var taken = true;
        var verdicts = Listening.To(new PlannedSource(400, Listening.Heart(5), (Action)examinations.Toggle, Listening.Heart(5), () => { taken = examinations.TryStart(Site.Aortic, TimeSpan.FromSeconds(5)); }, Listening.Heart(15)), examinations);

        Assert.Empty(verdicts);
        Assert.False(taken);
    }

    [Fact]
    public void Held_BySites_GoesOnToItsLastSite()
    {
        var examinations = new Examinations(new ExaminationOptions { Start = ExaminationStart.Button, Seconds = 8 });
        var verdict = Assert.Single(Listening.To(new PlannedSource(400, Listening.Heart(1), () => Start(Site.Aortic), Listening.Heart(9), () =>
        {
            examinations.IsHeld = true;
            Start(Site.Pulmonary);
        }, Listening.Heart(9), () => Start(Site.Tricuspid), Listening.Heart(9), () => Start(Site.Mitral), Listening.Heart(9), () => Assert.False(examinations.TryStart(Site.Aortic, TimeSpan.FromSeconds(5)))), examinations));

        Assert.Equal(4, verdict.Examination.Sites!.Count);

        void Start(Site site) => Assert.True(examinations.TryStart(site, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Held_ButtonWhileOneIsUnderWay_EndsItWithItsVerdict()
    {
        var examinations = new Examinations(new ExaminationOptions { Start = ExaminationStart.Button, Seconds = 60 });
        var verdicts = Listening.To(new PlannedSource(400, Listening.Heart(1), (Action)examinations.Toggle, Listening.Heart(12), () => { examinations.IsHeld = true; }, Listening.Heart(2), (Action)examinations.Toggle, Listening.Heart(12)), examinations);

        Assert.Equal("normal", Assert.Single(verdicts).Verdict);
    }

    [Fact]
    public void Holding_NothingListenedTo_AtOnce()
    {
        var examinations = new Examinations(new ExaminationOptions());
        Assert.False(examinations.IsHolding);
        examinations.IsHeld = true;
        Assert.True(examinations.IsHolding);
    }
}
