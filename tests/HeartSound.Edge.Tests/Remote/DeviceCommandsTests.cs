using System.Text;
using System.Text.Json;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Remote;
using HeartSound.Edge.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Remote;

public sealed class DeviceCommandsTests
{
    private readonly ManualTime _time = new();
    private readonly DeviceHealth _health = new(TimeProvider.System, NullLogger<DeviceHealth>.Instance);
    private readonly DeviceActivity _activity;
    private readonly Examinations _examinations = new(new ExaminationOptions { Start = ExaminationStart.Button, Seconds = 10 });
    private readonly DeviceControls _controls;
    private readonly DeviceCommands _commands;
    private HeatStep _heat;

    public DeviceCommandsTests()
    {
        _activity = new DeviceActivity(_time);
        _controls = new DeviceControls(_examinations, _activity, _health, () => _heat);
        _commands = new DeviceCommands("bed-7", Guid.NewGuid(), new DeviceClock(_time, () => null), _controls, _time, NullLogger<DeviceCommands>.Instance);
    }

    [Fact]
    public void Mute_ForMinutes_IsObeyedSaidAndEndsByItself()
    {
        var answer = Handle("mute", """{"minutes":5,"id":"m1"}""")!;
        Assert.Equal(("heartsound/bed-7/state/mute", true), (answer.Topic, answer.IsRetained));
        Assert.Equal((CommandResult.Obeyed, "m1", null, null), (answer.Message.Result, answer.Message.CommandId, answer.Message.Cause, answer.Message.Message));
        Assert.Equal(new UntilValue(_time.GetUtcNow().AddMinutes(5)), answer.Message.Value);
        Assert.NotNull(_activity.MutedUntil);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(_activity.MutedUntil);
        Assert.Equal(new UntilValue(null), _commands.State("mute").Message.Value);
    }

    [Fact]
    public void Mute_ZeroMinutes_EndsIt()
    {
        Handle("mute", """{"minutes":60}""");
        Assert.Equal(new UntilValue(null), Handle("mute", """{"minutes":0}""")!.Message.Value);
        Assert.Null(_activity.MutedUntil);
    }

    [Fact]
    public void Press_WhileMuted_OnlyLightsTheLamps()
    {
        var phases = new List<ExaminationPhase>();
        void Press(ButtonPress press)
        {
            _controls.Press(press);
            Assert.Null(_activity.MutedUntil);
        }

        Handle("mute", """{"minutes":60}""");
        Listening.To(new PlannedSource(400, Listening.Heart(1), () => Press(ButtonPress.Short), Listening.Heart(1), () => phases.Add(_examinations.State.Phase), () => Press(ButtonPress.Short), Listening.Heart(1),
            () => phases.Add(_examinations.State.Phase)), _examinations);
        Assert.Equal([ExaminationPhase.Idle, ExaminationPhase.Examining], phases);

        Handle("mute", """{"minutes":60}""");
        Press(ButtonPress.Long);
        Assert.True(_activity.IsIdentifying);
    }

    [Fact]
    public void Identify_IsObeyedAlsoWhileMuted()
    {
        Handle("mute", """{"minutes":60}""");
        Assert.Equal(new UntilValue(_time.GetUtcNow() + DeviceActivity.IdentifyDuration), Handle("identify", "")!.Message.Value);
        Assert.True(_activity.IsIdentifying);
        Assert.NotNull(_activity.MutedUntil);
    }

    [Fact]
    public void RestartCapture_WithAndWithoutAStethoscope()
    {
        Assert.Equal(CommandCause.NotNow, Handle("restart-capture", "")!.Message.Cause);
        var restarts = 0;
        _controls.RestartCapture = () => restarts++;
        Assert.Equal(CommandResult.Obeyed, Handle("restart-capture", "")!.Message.Result);
        Assert.Equal(1, restarts);
    }

    [Fact]
    public void Start_WhileAnUpdateWantsIn_IsRefusedWithTheReasonUnlessItIsTheNextSite()
    {
        _activity.Ready();
        var answers = new List<StateMessage>();
        void Say(string payload) => answers.Add(Handle("examination", payload)!.Message);

        Listening.To(new PlannedSource(400, Listening.Heart(1), () => Say("""{"action":"start","site":"AV"}"""), Listening.Heart(2), () => { _examinations.IsHeld = true; }, () => Say("""{"action":"start","site":"PV"}"""),
            Listening.Heart(8), () => Say("""{"action":"stop"}"""), Listening.Heart(1), () => Say("""{"action":"start","site":"AV"}"""), () => Say("""{"action":"start"}""")), _examinations);

        Assert.Equal([null, null, null, CommandCause.NotNow, CommandCause.NotNow], answers.Select(a => a.Cause));
        Assert.All(answers[3..], a => Assert.Contains("update", a.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Start_WhereItCannotBe_SaysWhyAndStartsNothing()
    {
        string Why() => Handle("examination", """{"action":"start","site":"AV"}""")!.Message is { Cause: CommandCause.NotNow, Message: { } message } ? message : "obeyed";
        Assert.Contains("starting", Why(), StringComparison.Ordinal);
        _activity.Ready();
        Assert.Contains("no stethoscope to listen to", Why(), StringComparison.Ordinal);
        _heat = HeatStep.Paused;
        Assert.Contains("too hot", Why(), StringComparison.Ordinal);
        _heat = HeatStep.Slow;
        _health.Report(DevicePart.Capture, PartLevel.Failed, CaptureState.Unplugged, "Plug it in again.");
        Assert.Equal("Plug it in again.", Why());
        Assert.Equal(4, _health.Counters["commandsRefused"]);
        Assert.False(_health.Counters.ContainsKey("commandsObeyed"));
    }

    [Fact]
    public void Examination_BySites_AnswersSayWhereItIs()
    {
        _activity.Ready();
        var answers = new List<StateMessage>();
        void Say(string payload)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            answers.Add(Handle("examination", payload)!.Message);
        }

        Listening.To(new PlannedSource(400, Listening.Heart(1), () => Say("""{"action":"stop"}"""), () => Say("""{"action":"start","site":"MV"}"""), Listening.Heart(12),
            () => Say("""{"action":"start"}"""), () => Say("""{"action":"start","site":"AV"}"""), Listening.Heart(8), () => Say("""{"action":"stop"}""")), _examinations);

        Assert.Equal([CommandCause.NotNow, null, CommandCause.NotNow, null, null], answers.Select(a => a.Cause));
        var values = answers.Select(a => (ExaminationValue)a.Value).ToList();
        Assert.Equal([(ExaminationPhase.Idle, null), (ExaminationPhase.Examining, Site.Mitral), (ExaminationPhase.BetweenSites, null), (ExaminationPhase.Examining, Site.Aortic), (ExaminationPhase.Idle, null)],
            values.Select(v => (v.Phase, v.Site)));
        Assert.Equal([Site.Mitral], values[3].Sites);
        Assert.Equal(values[1].Examination, values[3].Examination);
        Assert.Null(values[4].Examination);
    }

    [Theory]
    [InlineData("self-destruct", "", CommandCause.Unknown, false)]
    [InlineData("mute", "{}", CommandCause.Malformed, true)]
    public void Handle_WhatItCannotObey_IsAnswered(string name, string payload, CommandCause cause, bool isRetained)
    {
        var answer = Handle(name, payload)!;
        Assert.Equal((CommandResult.Refused, cause, isRetained, $"heartsound/bed-7/state/{name}"), (answer.Message.Result, answer.Message.Cause!.Value, answer.IsRetained, answer.Topic));
        Assert.NotEmpty(answer.Message.Message!);
    }

    [Fact]
    public void Handle_Retained_IsRefused()
    {
        Assert.Equal(CommandCause.Retained, Handle("mute", """{"minutes":5}""", isRetained: true)!.Message.Cause);
        Assert.Null(_activity.MutedUntil);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("mute\n")]
    [InlineData("../status")]
    [InlineData("mute/x")]
    [InlineData("<script>")]
    [InlineData("a012345678901234567890123456789012")]
    public void Handle_NameThatCanBeNoTopic_IsCountedAndNotAnswered(string name)
    {
        Assert.Null(Handle(name, "{}"));
        Assert.Equal(1, _health.Counters["commandsRefused"]);
    }

    [Fact]
    public void Handle_TopicOfAnotherDevice_IsNotObeyed() => Assert.Null(_commands.Handle("heartsound/bed-8/cmd/identify", default, false));

    [Fact]
    public void Handle_Flood_TenAreObeyedTheRestRefusedAndFewAnswered()
    {
        var answers = Enumerable.Range(0, 1000).Select(_ => Handle("identify", "")).OfType<CommandAnswer>().Select(a => a.Message).ToList();
        Assert.Equal(10, answers.Count(a => a.Result == CommandResult.Obeyed));
        Assert.Equal(2, answers.Count(a => a.Cause == CommandCause.TooMany));
        Assert.Equal((10, 990), (_health.Counters["commandsObeyed"], _health.Counters["commandsRefused"]));

        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, Enumerable.Range(0, 100).Select(_ => Handle("identify", "")).Count(a => a?.Message.Result == CommandResult.Obeyed));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, Enumerable.Range(0, 100).Select(_ => Handle("identify", "")).Count(a => a?.Message.Result == CommandResult.Obeyed));
    }

    [Fact]
    public void Handle_FloodOfWhatIsMalformed_TakesTheSameTokens()
    {
        for (var i = 0; i < 10; i++) Assert.Equal(CommandCause.Malformed, Handle("mute", "{")!.Message.Cause);
        Assert.Equal(CommandCause.TooMany, Handle("mute", """{"minutes":5}""")!.Message.Cause);
        Assert.Null(_activity.MutedUntil);
    }

    [Fact]
    public void ToJson_OfAnAnswer_IsAsTheContractSays()
    {
        var json = JsonDocument.Parse(_commands.State("examination").Message.ToJson()).RootElement;
        Assert.Equal(["schema", "device", "session", "time", "monotonicSeconds", "bootId", "clockSynced", "command", "commandId", "result", "cause", "message", "value"], json.EnumerateObject().Select(p => p.Name));
        Assert.Equal("""{"phase":"idle","site":null,"examination":null,"sites":[]}""", json.GetProperty("value").GetRawText());
        Assert.Equal("obeyed", json.GetProperty("result").GetString());
    }

    private CommandAnswer? Handle(string name, string payload, bool isRetained = false) => _commands.Handle($"heartsound/bed-7/cmd/{name}", Encoding.UTF8.GetBytes(payload), isRetained);
}
