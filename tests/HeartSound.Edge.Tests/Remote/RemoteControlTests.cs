using System.Text.Json;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Remote;
using HeartSound.Edge.Tests.Outputs.Lights;
using HeartSound.Native.Mosquitto;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Remote;

public sealed class RemoteControlTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly DeviceHealth _health = new(TimeProvider.System, NullLogger<DeviceHealth>.Instance);
    private readonly DeviceActivity _activity;
    private readonly RemoteControl _remote;
    private readonly List<(string Topic, JsonElement Message, bool IsRetained)> _told = [];

    public RemoteControlTests()
    {
        _activity = new DeviceActivity(_time);
        var controls = new DeviceControls(new Examinations(new ExaminationOptions()), _activity, _health, () => HeatStep.Normal);
        _remote = new RemoteControl("bed-7", Guid.NewGuid(), new DeviceClock(_time, () => null), controls, NullLoggerFactory.Instance)
        {
            Publish = (topic, json, retain) =>
            {
                lock (_told) _told.Add((topic, JsonDocument.Parse(json).RootElement, retain));
            },
        };
    }

    public void Dispose() => _remote.Dispose();

    [Fact]
    public void OnConnected_TellsHowEverythingIs()
    {
        _remote.OnConnected();
        Assert.Equal(["examination", "mute", "identify"], _told.Select(t => t.Topic["heartsound/bed-7/state/".Length..]));
        Assert.All(_told, t => Assert.True(t.IsRetained));
    }

    [Fact]
    public void Look_NothingChanged_TellsNothing()
    {
        for (var i = 0; i < 100; i++) _remote.Look();
        Assert.Empty(_told);
    }

    [Fact]
    public void Look_MuteEndsByItself_IsToldOnce()
    {
        Send("mute", """{"minutes":1,"id":"a"}""");
        Eventually.True(() => Told().Count == 1);
        for (var i = 0; i < 59; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _remote.Look();
        }

        Assert.Single(Told()); // its answer told it already, and nothing has changed
        _time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 5; i++) _remote.Look();
        Assert.Equal(2, Told().Count);
        Assert.Equal(JsonValueKind.Null, Told()[1].Message.GetProperty("value").GetProperty("until").ValueKind);
        Assert.Equal(JsonValueKind.Null, Told()[1].Message.GetProperty("commandId").ValueKind);
    }

    [Fact]
    public void Handle_HugeAndHostile_IsAnsweredOrCountedAndTheNextOneObeyed()
    {
        _remote.Handle(new MosquittoMessage("heartsound/bed-7/cmd/mute", new byte[20_000_000], 1, false));
        _remote.Handle(new MosquittoMessage(new string('x', 65_000), [1], 1, false));
        _remote.Handle(new MosquittoMessage("", [], 0, true));
        Send("identify", """{"id":"z"}""");
        Eventually.True(() => Told().Any(t => t.Message.GetProperty("commandId").GetString() == "z"));
        Assert.Equal(2, Told().Count);
        Assert.Equal(3, _health.Counters["commandsRefused"]);
    }

    [Fact]
    public void Handle_Flood_ReturnsAtOnceAndAnswersFew()
    {
        for (var i = 0; i < 20_000; i++) Send("identify", "{}");
        Eventually.True(() => _health.Counters.GetValueOrDefault("commandsObeyed") + _health.Counters.GetValueOrDefault("commandsRefused") == 20_000);
        Assert.InRange(Told().Count, 10, 100);
    }

    private void Send(string name, string payload) => _remote.Handle(new MosquittoMessage($"heartsound/bed-7/cmd/{name}", System.Text.Encoding.UTF8.GetBytes(payload), 1, false));

    private List<(string Topic, JsonElement Message, bool IsRetained)> Told()
    {
        lock (_told) return [.. _told];
    }
}
