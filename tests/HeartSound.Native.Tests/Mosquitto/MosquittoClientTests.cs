using System.Collections.Concurrent;
using System.Text;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Native.Tests.Mosquitto;

/// <summary>Against a real mosquitto (Debian's package), which every test starts for itself.</summary>
public sealed class MosquittoClientTests
{
    private static readonly TimeSpan Patience = Probe.Patience;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Publish_ToASubscriber_Arrives(int qos)
    {
        using var broker = new MosquittoBroker().Start();
        using var client = new Probe(Options(broker));
        client.Client.Subscribe("heartsound/+/verdict", 2);
        client.StartAndConnect();
        var id = client.Client.Publish("heartsound/a/verdict", "normal"u8, qos, retain: false);
        Assert.InRange(id, 1, 65535);
        var message = client.Received.Take();
        Assert.Equal("heartsound/a/verdict", message.Topic);
        Assert.Equal("normal"u8.ToArray(), message.Payload);
        Assert.Equal(qos, message.Qos);
        Assert.False(message.Retain);
        Assert.Equal(id, client.Acknowledged.Take());
        Assert.True(client.Client.Stop(Patience));
    }

    [Fact]
    public void Publish_Retained_IsKeptForLaterSubscribers()
    {
        using var broker = new MosquittoBroker().Start();
        using var first = new Probe(Options(broker)).StartAndConnect();
        first.Client.Publish("status", "online"u8, 1, retain: true);
        first.Acknowledged.Take();
        using var second = new Probe(Options(broker)).StartAndConnect();
        second.Client.Subscribe("status", 1);
        Assert.True(second.Received.Take().Retain);
    }

    [Fact]
    public void Publish_TopicAndPayloadInManyScripts_ArriveUnchanged()
    {
        using var broker = new MosquittoBroker().Start();
        using var client = new Probe(Options(broker)).StartAndConnect();
        client.Client.Subscribe("gerät/心音/#", 1);
        client.Client.Publish("gerät/心音/🫀", Encoding.UTF8.GetBytes("größer ❤"), 1, retain: false);
        var message = client.Received.Take();
        Assert.Equal("gerät/心音/🫀", message.Topic);
        Assert.Equal("größer ❤", Encoding.UTF8.GetString(message.Payload));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void Publish_PayloadOfAnySize_ArrivesUnchanged(int bytes)
    {
        using var broker = new MosquittoBroker().Start();
        using var client = new Probe(Options(broker)).StartAndConnect();
        client.Client.Subscribe("big", 1);
        var payload = new byte[bytes];
        new Random(1).NextBytes(payload);
        client.Client.Publish("big", payload, 1, retain: false);
        Assert.Equal(payload, client.Received.Take().Payload);
    }

    [Fact]
    public void Dispose_WithoutStop_MakesTheBrokerPublishTheWill()
    {
        using var broker = new MosquittoBroker().Start();
        using var watcher = new Probe(Options(broker)).StartAndConnect();
        watcher.Client.Subscribe("status", 1);
        var device = new Probe(Options(broker) with { Will = new MosquittoWill("status", "offline"u8.ToArray(), 1, Retain: true) }).StartAndConnect();
        device.Dispose();
        Assert.Equal("offline"u8.ToArray(), watcher.Received.Take().Payload);
    }

    [Fact]
    public void Stop_WithAWill_DoesNotPublishIt()
    {
        using var broker = new MosquittoBroker().Start();
        using var watcher = new Probe(Options(broker)).StartAndConnect();
        watcher.Client.Subscribe("#", 1);
        using var device = new Probe(Options(broker) with { Will = new MosquittoWill("status", "offline"u8.ToArray(), 1, Retain: true) }).StartAndConnect();
        device.Client.Publish("status", "stopped"u8, 1, retain: false);
        Assert.True(device.Client.Stop(Patience));
        Assert.Empty(device.Reasons);
        watcher.Client.Publish("end", [], 1, retain: false);
        Assert.Equal("stopped"u8.ToArray(), watcher.Received.Take().Payload);
        Assert.Equal("end", watcher.Received.Take().Topic);
    }

    [Fact]
    public void Start_BeforeTheBroker_ConnectsWhenItComesAndSendsWhatWaits()
    {
        using var broker = new MosquittoBroker();
        using var client = new Probe(Options(broker));
        client.Client.Subscribe("verdict", 1);
        client.Client.Start();
        Assert.Contains("refused", client.Reasons.Take(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, client.Client.Publish("live", "lost"u8, 0, retain: false));
        var ids = Enumerable.Range(0, 30).Select(i => client.Client.Publish("verdict", [(byte)i], 1, retain: false)).ToArray();
        Assert.Equal(30, ids.Distinct().Count());
        Assert.DoesNotContain(0, ids);
        Assert.Equal(30, client.Client.UnacknowledgedMessages);

        broker.Start();
        client.Connected.Take();
        for (var i = 0; i < 30; i++)
            Assert.Equal((byte)i, client.Received.Take().Payload[0]);
        Assert.Equal(ids.Order(), Enumerable.Range(0, 30).Select(_ => client.Acknowledged.Take()).Order());
        Assert.True(client.Client.Stop(Patience));
    }

    [Fact]
    public void Publish_WhileTheBrokerRestarts_IsDeliveredAfterwards()
    {
        using var broker = new MosquittoBroker().Start();
        using var client = new Probe(Options(broker));
        client.Client.Subscribe("verdict", 1);
        client.StartAndConnect();
        broker.Stop();
        Assert.StartsWith($"127.0.0.1:{broker.Port}: ", client.Reasons.Take(), StringComparison.Ordinal);
        Assert.False(client.Client.IsConnected);
        var id = client.Client.Publish("verdict", "while away"u8, 1, retain: false);
        Assert.NotEqual(0, id);
        broker.Start();
        client.Connected.Take();
        Assert.Equal("while away"u8.ToArray(), client.Received.Take().Payload);
        Assert.Equal(id, client.Acknowledged.Take());
        Assert.Equal(0, client.Client.UnacknowledgedMessages);
    }

    [Fact]
    public void Publish_MoreThanMayWait_IsNotTaken()
    {
        using var broker = new MosquittoBroker();
        using var client = new Probe(Options(broker) with { MaxUnacknowledged = 2 });
        Assert.NotEqual(0, client.Client.Publish("verdict", [], 1, retain: false));
        Assert.NotEqual(0, client.Client.Publish("verdict", [], 2, retain: false));
        Assert.Equal(0, client.Client.Publish("verdict", [], 1, retain: false));
        Assert.False(client.Client.Stop(TimeSpan.Zero));
    }

    [Fact]
    public void Start_WrongPassword_NamesTheReason()
    {
        using var broker = new MosquittoBroker(authenticated: true).Start();
        using var client = new Probe(Options(broker) with { Username = MosquittoBroker.Username, Password = "wrong" });
        client.Client.Start();
        var reason = client.Reasons.Take();
        Assert.Contains("not authori", reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(MosquittoFaultKind.BadCredentials, client.Client.LastFault?.Kind);
        Assert.Contains("check the user name and password", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_RightPassword_Connects()
    {
        using var broker = new MosquittoBroker(authenticated: true).Start();
        using var client = new Probe(Options(broker) with { Username = MosquittoBroker.Username, Password = MosquittoBroker.Password });
        client.StartAndConnect();
    }

    [Fact]
    public void Start_UnknownHost_NamesIt()
    {
        // .invalid never resolves (RFC 6761).
        using var client = new Probe(new MosquittoOptions { Host = "broker.invalid" });
        client.Client.Start();
        Assert.StartsWith("broker.invalid:1883: ", client.Reasons.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void Received_HandlerThrows_ClientGoesOn()
    {
        using var broker = new MosquittoBroker().Start();
        using var client = new Probe(Options(broker)).StartAndConnect();
        using var failures = new BlockingCollection<Exception>();
        client.Client.HandlerFailed += failures.Add;
        client.Client.Received += message => throw new InvalidOperationException(message.Topic);
        client.Client.Subscribe("a", 1);
        client.Client.Publish("a", [], 1, retain: false);
        client.Client.Publish("a", [], 1, retain: false);
        Assert.True(failures.TryTake(out var failure, Patience));
        Assert.Equal("a", failure.Message);
        Assert.True(failures.TryTake(out _, Patience));
    }

    [Fact]
    public void Publish_FromManyThreads_AllAreAcknowledged()
    {
        using var broker = new MosquittoBroker().Start();
        using var client = new Probe(Options(broker)).StartAndConnect();
        var refused = 0;
        Parallel.For(0, 800, i =>
        {
            if (client.Client.Publish("many", [(byte)i], 1 + (i % 2), retain: false) == 0)
                Interlocked.Increment(ref refused);
        });
        Assert.Equal(0, refused);
        Assert.True(client.Client.Stop(Patience));
        Assert.Equal(800, client.Acknowledged.Count);
    }

    [Fact]
    public void Publish_WildcardTopic_IsRefusedByName()
    {
        using var client = new MosquittoClient(new MosquittoOptions());
        var exception = Assert.Throws<MosquittoException>(() => client.Publish("a/#", [], 1, retain: false));
        Assert.Contains("a/#", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, client.UnacknowledgedMessages);
    }

    [Fact]
    public void Constructor_OptionOutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MosquittoClient(new MosquittoOptions { Port = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MosquittoClient(new MosquittoOptions { KeepAlive = TimeSpan.FromSeconds(1) }));
        Assert.Throws<ArgumentException>(() => new MosquittoClient(new MosquittoOptions { Host = " " }));
    }

    [Fact]
    public void ToString_OptionsWithPassword_LeavesItOut() =>
        Assert.Equal("u@localhost:1883 as a chosen id", new MosquittoOptions { Username = "u", Password = "secret" }.ToString());

    [Fact]
    public void Dispose_NeverStarted_Returns()
    {
        var client = new MosquittoClient(new MosquittoOptions());
        client.Dispose();
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(client.Start);
        Assert.Throws<ObjectDisposedException>(() => client.Publish("a", [], 1, retain: false));
    }

    [Fact]
    public void Stop_Twice_ReturnsAndRefusesMore()
    {
        using var broker = new MosquittoBroker().Start();
        using var client = new Probe(Options(broker)).StartAndConnect();
        Assert.True(client.Client.Stop(Patience));
        Assert.True(client.Client.Stop(Patience));
        Assert.False(client.Client.IsConnected);
        Assert.Throws<ObjectDisposedException>(client.Client.Start);
        Assert.Throws<ObjectDisposedException>(() => client.Client.Subscribe("a", 1));
    }

    private static MosquittoOptions Options(MosquittoBroker broker) => Probe.Options(broker.Port);
}
