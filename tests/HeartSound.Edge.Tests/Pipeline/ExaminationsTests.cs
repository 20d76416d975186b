using HeartSound.Edge.Hosting;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Tests.Hosting;

namespace HeartSound.Edge.Tests.Pipeline;

public sealed class ExaminationsTests
{
    private static readonly ExaminationOptions OnContact = new() { Start = ExaminationStart.Contact, Seconds = 10 };
    private static readonly ExaminationOptions OnButton = new() { Start = ExaminationStart.Button, Seconds = 10 };

    [Fact]
    public void Contact_SilenceThenHeart_OnlyTheHeartIsExamined()
    {
        float[] samples = [.. Listening.Silence(21), .. Listening.Heart(23), .. Listening.Silence(10)];
        var expected = Listening.To(new BlockSource(samples, 80), new Examinations(OnContact));

        Assert.NotEmpty(expected);
        Assert.All(expected, v => Assert.Equal("normal", v.Verdict));
        Assert.InRange(expected[0].Examination.StartSeconds, 21, 23);
        Assert.InRange(expected[^1].Examination.EndSeconds, 42, 43); // 1.4 s more are only a touch
        foreach (var block in new[] { 1, 997, 4000 })
        {
            var verdicts = Listening.To(new BlockSource(samples, block), new Examinations(OnContact));
            Assert.Equal(expected.Select(Essence), verdicts.Select(Essence));
        }
    }

    [Fact]
    public void Contact_OnlyATouch_IsNoExamination() =>
        Assert.Empty(Listening.To(new BlockSource([.. Listening.Silence(10), .. Listening.Heart(4), .. Listening.Silence(20)], 400), new Examinations(OnContact)));

    [Fact]
    public void Contact_LiftedEarly_VerdictOverWhatWasHeard()
    {
        float[] samples = [.. Listening.Silence(10), .. Listening.Heart(12), .. Listening.Silence(20)];
        var verdict = Assert.Single(Listening.To(new BlockSource(samples, 400), new Examinations(OnContact with { Seconds = 30 })));

        Assert.Equal("normal", verdict.Verdict);
        Assert.Empty(verdict.Quality.Rejected);
        Assert.InRange(verdict.Examination.EndSeconds, 24, 28);
    }

    [Fact]
    public void Contact_OnlySilence_NoVerdictAtAll() =>
        Assert.Empty(Listening.To(new BlockSource(Listening.Silence(60), 400), new Examinations(OnContact)));

    [Fact]
    public void Contact_OnlyNoise_SaysThatItCannotTell()
    {
        var verdicts = Listening.To(new BlockSource(Listening.Noise(40), 400), new Examinations(OnContact));

        Assert.True(verdicts.Count >= 3);
        Assert.All(verdicts, v => Assert.Equal((Verdict.Inconclusive, InconclusiveReason.Noise), (v.Verdict, v.Reason)));
    }

    [Fact]
    public void Button_NotPressed_NoVerdict() =>
        Assert.Empty(Listening.To(new BlockSource(Listening.Heart(40), 400), new Examinations(OnButton)));

    [Fact]
    public void Button_Pressed_OneExaminationOfItsLength()
    {
        var examinations = new Examinations(OnButton);
        var verdict = Assert.Single(Listening.To(new BlockSource(Listening.Heart(60), 400) { At = (20 * BlockSource.Rate, examinations.Toggle) }, examinations));

        Assert.Equal("normal", verdict.Verdict);
        Assert.InRange(verdict.Examination.StartSeconds, 3, 20); // the ring holds 16 s that were not heard yet
        Assert.InRange(verdict.Examination.EndSeconds - verdict.Examination.StartSeconds, 10, 10.5);
    }

    [Fact]
    public void Button_PressedAgain_EndsEarlyWithAVerdictOverWhatWasHeard()
    {
        var examinations = new Examinations(new ExaminationOptions { Start = ExaminationStart.Always, Seconds = 600 });
        var verdicts = Listening.To(new BlockSource(Listening.Heart(60), 400) { At = (30 * BlockSource.Rate, examinations.Toggle) }, examinations);

        Assert.Equal(["normal", "normal"], verdicts.Select(v => v.Verdict));
        Assert.InRange(verdicts[0].Examination.EndSeconds, 13, 30.2);
    }

    [Fact]
    public void Interrupted_SoundIsMissing_TheExaminationBecomesLongerByThat()
    {
        var examinations = new Examinations(new ExaminationOptions { Start = ExaminationStart.Always, Seconds = 20 });
        var source = new BlockSource(Listening.Heart(25), 80) { LoseAt = 10 * BlockSource.Rate, Lose = 40 * BlockSource.Rate };

        var first = Listening.To(source, examinations)[0];

        Assert.Equal("normal", first.Verdict);
        Assert.Equal(1, first.Quality.Gaps);
        Assert.InRange(first.Examination.EndSeconds, 60, 60.5);
    }

    [Fact]
    public async Task Interrupted_SoundStaysAway_EndsWithWhatWasHeard()
    {
        var verdicts = new List<VerdictMessage>();
        using var verdictCame = new ManualResetEventSlim();
        var activity = new DeviceActivity(TimeProvider.System);
        activity.Changed += () =>
        {
            if (activity.VerdictWithin(TimeSpan.FromHours(1)) is not null) verdictCame.Set();
        };
        var examinations = new Examinations(new ExaminationOptions { Start = ExaminationStart.Always, Seconds = 600, AbandonAfterSeconds = 1 });
        // The source holds its breath until the verdict is there.
        var source = new BlockSource(Listening.Heart(30), 400) { At = (20 * BlockSource.Rate, () => Assert.True(verdictCame.Wait(TimeSpan.FromSeconds(60)))) };

        using (var dispatcher = new VerdictDispatcher([new ListSink(verdicts)], Microsoft.Extensions.Logging.Abstractions.NullLogger<VerdictDispatcher>.Instance))
        {
            await Task.Run(() => Listening.Service(dispatcher, activity).Listen(source, examinations, null, CancellationToken.None));
            Assert.Equal(0, dispatcher.Complete(TimeSpan.FromSeconds(30)));
        }

        Assert.Equal("normal", verdicts[0].Verdict);
        Assert.InRange(verdicts[0].Examination.EndSeconds, 19, 20);
        Assert.Equal(2, verdicts.Count); // the sound that came later is an examination of its own
    }

    [Fact]
    public void Button_PressedBeforeThereIsAStethoscope_IsForgotten()
    {
        var examinations = new Examinations(OnButton);
        examinations.Toggle();

        Assert.Empty(Listening.To(new BlockSource(Listening.Heart(40), 400), examinations));
    }

    [Theory]
    [InlineData(ExaminationStart.Contact)]
    [InlineData(ExaminationStart.Always)]
    public void Options_WhileItWaitsForTheButton_ItWaitsForWhatTheySayAtOnce(ExaminationStart start)
    {
        var examinations = new Examinations(OnButton);
        var source = new BlockSource(Listening.Heart(60), 400) { At = (20 * BlockSource.Rate, () => examinations.Options = OnButton with { Start = start }) };

        Assert.NotEmpty(Listening.To(source, examinations));
    }

    [Theory]
    [InlineData(HeatStep.Normal, 11)]
    [InlineData(HeatStep.Slow, 6)]
    [InlineData(HeatStep.Paused, 0)]
    public void Heat_Hotter_FewerWindowsAreJudged(HeatStep heat, int windows)
    {
        ListeningService Make(ListeningService service)
        {
            service.Heat = heat;
            return service;
        }

        var verdict = Assert.Single(Listening.To(new BlockSource(Listening.Heart(30), 400), Examinations.OfWholeSource(), Make));

        Assert.Equal(windows, verdict.Quality.Windows);
        Assert.Equal(heat == HeatStep.Paused ? Verdict.Inconclusive : "normal", verdict.Verdict);
    }

    private static object Essence(VerdictMessage v) =>
        (v.Verdict, v.AlarmProbability, v.HeartRateBpm, v.Sequence, v.Examination.StartSeconds, v.Examination.EndSeconds, v.Quality.Score, v.Quality.Windows, v.Quality.GoodSeconds);
}
