using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Tests.Hosting;
using HeartSound.Edge.Tests.Outputs.Lights;
using HeartSound.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Pipeline;

/// <summary>Examinations that go from site to site. Whatever somebody asks for happens at the sample at which he asks.</summary>
public sealed class SiteExaminationsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    private static readonly ExaminationOptions OnButton = new() { Start = ExaminationStart.Button, Seconds = 10, NextSiteSeconds = 30 };

    private readonly DeviceActivity _activity = new(TimeProvider.System);
    private readonly List<VerdictMessage> _verdicts = [];
    private volatile bool _soundsAbnormal;

    [Theory]
    [InlineData(80)]
    [InlineData(1)]
    [InlineData(4000)]
    public void Start_FourSites_OneVerdictAtTheEndOfTheLast(int block)
    {
        var examinations = new Examinations(OnButton);
        var seen = new List<(ExaminationPhase, Site?, int)>();
        void See() => seen.Add((examinations.State.Phase, examinations.State.Site, examinations.State.Heard.Count));
        Listen(examinations, block, Sound(3), At(Site.Aortic), Sound(5), (Action)See, Sound(7), (Action)See, At(Site.Pulmonary), Sound(12), At(Site.Tricuspid), Sound(11), At(Site.Mitral), Sound(12), (Action)See, Sound(20));

        var verdict = Assert.Single(_verdicts);
        Assert.Equal(("normal", false), (verdict.Verdict, verdict.Alarm));
        Assert.Null(verdict.Examination.Site);
        Assert.Equal([Site.Aortic, Site.Pulmonary, Site.Tricuspid, Site.Mitral], verdict.Examination.Sites!.Select(s => s.Site));
        Assert.Equal([3, 15, 27, 38], verdict.Examination.Sites!.Select(s => s.StartSeconds));
        Assert.All(verdict.Examination.Sites!, s => Assert.InRange(s.EndSeconds - s.StartSeconds, 10, 10.5));
        Assert.All(verdict.Examination.Sites!, s => Assert.Equal((3, 3, "normal"), (s.Quality.Windows, s.Quality.AcceptedWindows, s.Verdict))); // as many as 10 s hold, so none reaches into another site
        Assert.Equal(12, verdict.Quality.Windows);
        Assert.Equal([(ExaminationPhase.Examining, Site.Aortic, 0), (ExaminationPhase.BetweenSites, null, 1), (ExaminationPhase.Idle, null, 0)], seen);
    }

    [Fact]
    public void Start_OneSiteSoundsAbnormal_TheVerdictIsAbnormalWhateverTheOthersAre()
    {
        var examinations = new Examinations(OnButton);
        Listen(examinations, 400, At(Site.Aortic), Sound(11), () => _soundsAbnormal = true, At(Site.Mitral), Sound(11), () => _soundsAbnormal = false, At(Site.Tricuspid), Sound(11), (Action)examinations.Stop, Sound(1));

        var verdict = Assert.Single(_verdicts);
        Assert.Equal(("abnormal", true), (verdict.Verdict, verdict.Alarm));
        Assert.Equal(["normal", "abnormal", "normal"], verdict.Examination.Sites!.Select(s => s.Verdict));
        Assert.Equal(0.95, verdict.AlarmProbability!.Value, 5);
        Assert.Equal(0.95, verdict.Probabilities["abnormal"], 5);
    }

    [Fact]
    public void Start_OneSiteIsNoise_IsInconclusiveAndSaysWhere()
    {
        var examinations = new Examinations(OnButton);
        Listen(examinations, 400, At(Site.Aortic), Sound(11), At(Site.Mitral), Listening.Noise(11), (Action)examinations.Toggle, Sound(1));

        var verdict = Assert.Single(_verdicts);
        Assert.Equal((Verdict.Inconclusive, InconclusiveReason.Noise), (verdict.Verdict, verdict.Reason));
        Assert.StartsWith("Mitral site (MV): ", verdict.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_OneSiteAlone_SaysWhichItIs()
    {
        var examinations = new Examinations(OnButton);
        Listen(examinations, 400, At(Site.Pulmonary), Sound(11), (Action)examinations.Stop, Sound(1));

        Assert.Equal(Site.Pulmonary, Assert.Single(_verdicts).Examination.Site);
    }

    [Fact]
    public void NextSite_NobodyNamesOne_EndsWithThoseThatWereHeard()
    {
        var examinations = new Examinations(OnButton with { NextSiteSeconds = 5 });
        var phases = new List<ExaminationPhase>();
        Listen(examinations, 400, At(Site.Aortic), Sound(14), () => phases.Add(examinations.State.Phase), Sound(2), () => phases.Add(examinations.State.Phase), Sound(20));

        Assert.Equal([ExaminationPhase.BetweenSites, ExaminationPhase.Idle], phases);
        var verdict = Assert.Single(_verdicts);
        Assert.Equal(Site.Aortic, verdict.Examination.Site);
        Assert.InRange(verdict.Examination.EndSeconds, 10, 10.5); // what was heard while it waited is not in it
    }

    [Fact]
    public void Start_SameSiteAgain_IsHeardAnewAndReplaces()
    {
        var examinations = new Examinations(OnButton);
        Listen(examinations, 400, At(Site.Aortic), Listening.Noise(11), At(Site.Aortic), Listening.Noise(6), At(Site.Aortic), Sound(11), (Action)examinations.Stop, Sound(1));

        var verdict = Assert.Single(_verdicts);
        Assert.Equal("normal", verdict.Verdict);
        Assert.Equal(17, Assert.Single(verdict.Examination.Sites!).StartSeconds);
    }

    [Fact]
    public void Start_SiteIsLeftEarly_CountsIfAWindowWasHeard()
    {
        var examinations = new Examinations(OnButton);
        Listen(examinations, 400, At(Site.Aortic), Listening.Noise(7), At(Site.Pulmonary), Sound(2), At(Site.Mitral), Sound(11), At(Site.Tricuspid), Sound(1), (Action)examinations.Stop, Sound(1));

        var verdict = Assert.Single(_verdicts);
        Assert.Equal([Site.Aortic, Site.Mitral], verdict.Examination.Sites!.Select(s => s.Site));
        Assert.Equal((Verdict.Inconclusive, InconclusiveReason.Noise), (verdict.Verdict, verdict.Reason)); // the noise at the first site is not lost
    }

    [Fact]
    public void Stop_BeforeAnyWindow_SaysTooShortOfThatSite()
    {
        var examinations = new Examinations(OnButton);
        Listen(examinations, 400, At(Site.Aortic), Sound(2), (Action)examinations.Stop, Sound(1));

        var verdict = Assert.Single(_verdicts);
        Assert.Equal((InconclusiveReason.TooShort, Site.Aortic), (verdict.Reason, verdict.Examination.Site));
    }

    [Theory]
    [InlineData(ExaminationStart.Contact)]
    [InlineData(ExaminationStart.Always)]
    public void Start_WhileOneWithoutASiteIsUnderWay_ThatOneIsNotLost(ExaminationStart start)
    {
        _soundsAbnormal = true;
        var examinations = new Examinations(OnButton with { Start = start });
        Listen(examinations, 400, Sound(8), () => Assert.Equal(ExaminationPhase.Examining, examinations.State.Phase), At(Site.Aortic), () => _soundsAbnormal = false, Sound(11),
            () => Assert.True(examinations.TryStop(Long)));

        Assert.Equal(["abnormal", "normal"], _verdicts.Take(2).Select(v => v.Verdict));
        Assert.Null(_verdicts[0].Examination.Sites);
        Assert.Equal(Site.Aortic, _verdicts[1].Examination.Site);
        Assert.NotEqual(_verdicts[0].Examination.Id, _verdicts[1].Examination.Id);
        Assert.Equal(2, _verdicts.Count);
    }

    [Fact]
    public void Contact_LiftedBetweenAndAtSites_TheExaminationGoesOn()
    {
        var examinations = new Examinations(OnButton with { Start = ExaminationStart.Contact });
        Listen(examinations, 400, Listening.Silence(3), At(Site.Aortic), Listening.Silence(4), Sound(7), Listening.Silence(5), At(Site.Mitral), Sound(11), () => Assert.True(examinations.TryStop(Long)), Listening.Silence(2));

        var verdict = Assert.Single(_verdicts);
        Assert.Equal([Site.Aortic, Site.Mitral], verdict.Examination.Sites!.Select(s => s.Site));
        Assert.Equal(verdict.Examination.Sites![0].Reason, verdict.Reason); // half of it was silence
    }

    [Fact]
    public void SourceEnds_BetweenSites_WhatWasHeardBecomesAVerdict()
    {
        var examinations = new Examinations(OnButton);
        Listen(examinations, 400, At(Site.Aortic), Sound(15));

        Assert.Equal(Site.Aortic, Assert.Single(_verdicts).Examination.Site);
        Assert.Equal(ExaminationState.Nothing, examinations.State);
        Assert.False(examinations.IsListening);
    }

    [Theory]
    [InlineData(12)] // between two sites
    [InlineData(8)]  // at a site
    public void SoundStaysAway_EndsWithWhatWasHeard(int seconds)
    {
        var examinations = new Examinations(OnButton with { AbandonAfterSeconds = 1 });
        Listen(examinations, 400, At(Site.Aortic), Sound(seconds), () => Eventually.True(() => _activity.VerdictWithin(Long) is not null));

        Assert.Equal((Site.Aortic, "normal"), (Assert.Single(_verdicts).Examination.Site, _verdicts[0].Verdict));
    }

    [Fact]
    public void SoundIsMissingAtASite_TheSiteTakesLongerByThat()
    {
        var examinations = new Examinations(OnButton);
        void Service(ListeningService service) => service.Heat = HeatStep.Paused;
        ListeningService? made = null;
        Listen(examinations, 400, s => made = s, At(Site.Aortic), Sound(4), () => Service(made!), Sound(20), () => made!.Heat = HeatStep.Normal, Sound(5),
            () => Assert.Equal(ExaminationPhase.Examining, examinations.State.Phase), Sound(2), () => Assert.Equal(ExaminationPhase.BetweenSites, examinations.State.Phase));

        Assert.InRange(Assert.Single(_verdicts).Examination.EndSeconds, 30, 30.5);
    }

    [Fact]
    public void TryStart_NothingIsListenedTo_IsNotDoneAndNotDoneLater()
    {
        var examinations = new Examinations(OnButton);
        Assert.False(examinations.TryStart(Site.Aortic, TimeSpan.FromMilliseconds(20)));
        Assert.False(examinations.TryStop(TimeSpan.Zero));
        Listen(examinations, 400, Sound(20));

        Assert.Empty(_verdicts);
    }

    [Fact]
    public void TryStop_NothingIsUnderWay_ChangesNothing()
    {
        var examinations = new Examinations(OnButton);
        Listen(examinations, 400, Sound(1), () => Assert.True(examinations.TryStop(Long)), Sound(1), At(null), Sound(11));

        Assert.Null(Assert.Single(_verdicts).Examination.Sites);
    }

    [Fact]
    public void Live_ByTheSites_IsShownAtOnce()
    {
        var examinations = new Examinations(OnButton);
        var seen = new List<(ExaminationPhase, Site?, Scene)>();
        var opinions = new List<LiveOpinion>();
        void See()
        {
            Thread.Sleep(300); // a turn of the pipeline's thread
            seen.Add((_activity.Live.Phase, _activity.Live.Site, IndicationRule.Of(_activity, PartLevel.Ok, HeatStep.Normal, isUpdating: false, Long).Scene));
            opinions.Add(_activity.Live.Opinion);
        }

        _activity.Ready();
        _soundsAbnormal = true;
        Listen(examinations, 400, Sound(3), At(Site.Aortic), (Action)See, Sound(12), (Action)See, () => _soundsAbnormal = false, At(Site.Mitral), Sound(9), (Action)See);

        Assert.Equal([(ExaminationPhase.Examining, Site.Aortic, Scene.Listening), (ExaminationPhase.BetweenSites, null, Scene.NextSite), (ExaminationPhase.Examining, Site.Mitral, Scene.Listening)], seen);
        Assert.Equal([LiveOpinion.None, LiveOpinion.Abnormal, LiveOpinion.Abnormal], opinions); // also when the second site sounds normal
    }

    private static float[] Sound(int seconds) => Listening.Heart(seconds);

    /// <summary>Stands for somebody who says that the chest piece is at a site now.</summary>
    private static Site? At(Site? site) => site;

    private void Listen(Examinations examinations, int block, params object?[] plan) => Listen(examinations, block, _ => { }, plan);

    private void Listen(Examinations examinations, int block, Action<ListeningService> made, params object?[] plan)
    {
        object[] steps = [(Action)(() => Eventually.True(() => examinations.IsListening)), .. plan.Select(step => step switch
        {
            float[] or Action => step,
            Delegate act => (Action)(() => act.DynamicInvoke()), // a lambda that assigns
            _ => (Action)(() => Assert.True(examinations.TryStart((Site?)step, Long))),
        })];
        using var dispatcher = new VerdictDispatcher([new ListSink(_verdicts)], NullLogger<VerdictDispatcher>.Instance);
        var stamp = new VerdictStamp("test", Guid.Empty, new ModelPart("test", "1", ""), () => new EngineStatus { Asked = [OnnxProvider.Cpu], State = EngineState.CpuOnly }, new DeviceClock(TimeProvider.System));
        var monitor = new DeviceMonitor(_activity, new DeviceHealth(TimeProvider.System, NullLogger<DeviceHealth>.Instance), new DeviceProgress(), null);
        var classifier = new ScriptedClassifier(_ => Manifests.Logits(_soundsAbnormal ? 0.95 : 0.05));
        var service = new ListeningService(Manifests.TwoLabels, classifier, dispatcher, stamp, NullLogger<ListeningService>.Instance, monitor);
        made(service);
        service.Listen(new PlannedSource(block, steps), examinations, null, CancellationToken.None);
        Assert.Equal(0, dispatcher.Complete(Long));
    }
}
