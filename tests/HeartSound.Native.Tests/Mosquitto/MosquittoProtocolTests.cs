using System.Text;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Native.Tests.Mosquitto;

/// <summary>MQTT 5 and 3.1.1, with a real mosquitto and with brokers that do what a real one does not.</summary>
public sealed class MosquittoProtocolTests
{
    [Theory]
    [InlineData(MosquittoProtocol.Mqtt5)]
    [InlineData(MosquittoProtocol.Mqtt311)]
    public void Start_BrokerThatKnowsBoth_SpeaksTheNewestThatIsWanted(MosquittoProtocol newest)
    {
        using var broker = new MosquittoBroker().Start();
        using var client = new Probe(Probe.Options(broker.Port) with { Newest = newest });
        Assert.Null(client.Client.Protocol);
        client.StartAndConnect();
        Assert.Equal(newest, client.Client.Protocol);
    }

    [Fact]
    public void Start_BrokerThatRefusesMqtt5_GetsTheOlderAtOnceAndKeepsIt()
    {
        using var levels = new Events<int>();
        using var broker = new FakeBroker((connection, number) =>
        {
            var level = connection.Await(FakeConnection.Connect)[6];
            levels.Add(level);
            if (level == 5)
            {
                connection.Send(0x20, 2, 0, 1); // as RabbitMQ 3.10: a code of MQTT 3.1.1
                return;
            }

            connection.Take(level);
            if (number == 2)
                return; // cut
            while (true)
                connection.Read();
        });
        using var client = new Probe(Probe.Options(broker.Port)).StartAndConnect();
        client.Connected.Take(); // again, after the cut
        Assert.Single(client.Reasons, _ => true); // the cut; a version that is refused is no trouble
        Assert.Equal(MosquittoProtocol.Mqtt311, client.Client.Protocol);
        Assert.Equal([5, 4, 4], [levels.Take(), levels.Take(), levels.Take()]);
    }

    [Fact]
    public void Start_BrokerThatClosesAfterConnect_GetsTheOlderAfterAWait()
    {
        using var levels = new Events<int>();
        using var broker = new FakeBroker((connection, _) =>
        {
            var level = connection.Await(FakeConnection.Connect)[6];
            levels.Add(level);
            if (level == 5)
                return;
            connection.Take(level);
            while (true)
                connection.Read();
        });
        using var client = new Probe(Probe.Options(broker.Port)).StartAndConnect();
        Assert.Contains("without an answer", client.Reasons.Take(), StringComparison.Ordinal);
        Assert.Equal(MosquittoFaultKind.ClosedEarly, client.Client.LastFault!.Kind);
        Assert.Equal([5, 4], [levels.Take(), levels.Take()]);
        Assert.Equal(MosquittoProtocol.Mqtt311, client.Client.Protocol);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public void Publish_WithExpiry_SaysSoInMqtt5Alone(int level)
    {
        using var published = new Events<byte[]>();
        using var broker = new FakeBroker((connection, _) =>
        {
            var spoken = connection.Await(FakeConnection.Connect)[6];
            if (spoken != level)
                connection.Send(0x20, 2, 0, 1);
            else
                connection.Take(spoken);
            while (spoken == level)
                published.Add(connection.Await(FakeConnection.Publish));
        });
        using var client = new Probe(Probe.Options(broker.Port)).StartAndConnect();
        client.Client.Publish("live", "x"u8, 0, retain: false, TimeSpan.FromSeconds(4.2));
        client.Client.Publish("live", "x"u8, 0, retain: false);
        byte[] topic = [0, 4, .. "live"u8];
        Assert.Equal(level == 5 ? [.. topic, 5, 2, 0, 0, 0, 5, (byte)'x'] : [.. topic, (byte)'x'], published.Take());
        Assert.Equal(level == 5 ? [.. topic, 0, (byte)'x'] : [.. topic, (byte)'x'], published.Take());
    }

    [Fact]
    public void Publish_WhatWaitedWithExpiry_IsSentToABrokerOfTheOlderMqtt()
    {
        using var published = new Events<byte[]>();
        using var broker = new FakeBroker((connection, number) =>
        {
            var spoken = connection.Await(FakeConnection.Connect)[6];
            if (number == 1)
            {
                connection.Take(spoken);
                published.Add(connection.Await(FakeConnection.Publish));
                return; // taken in MQTT 5, not acknowledged; and then the broker is an older one
            }

            if (spoken == 5)
            {
                connection.Send(0x20, 2, 0, 1);
                return;
            }

            connection.Take(spoken);
            while (true)
            {
                var message = connection.Await(FakeConnection.Publish);
                published.Add(message);
                connection.Acknowledge(message);
            }
        });
        using var client = new Probe(Probe.Options(broker.Port)).StartAndConnect();
        var id = client.Client.Publish("a", "x"u8, 1, retain: false, TimeSpan.FromMinutes(1));
        Assert.Equal([5, 2, 0, 0, 0, 60, (byte)'x'], published.Take()[5..]); // with 5 bytes of properties
        var repeated = published.Take();
        Assert.Equal("x", Encoding.UTF8.GetString(repeated[5..]));
        Assert.Equal(id, client.Acknowledged.Take());
    }

    [Fact]
    public void Publish_WhatTheAccessListForbids_IsRefusedAndNotAcknowledged()
    {
        using var broker = WithAccessList().Start();
        using var client = new Probe(Probe.Options(broker.Port)).StartAndConnect();
        var forbidden = client.Client.Publish("forbidden", "x"u8, 1, retain: false);
        var allowed = client.Client.Publish("allowed", "x"u8, 1, retain: false);
        var (id, reason) = client.Refused.Take();
        Assert.Equal(forbidden, id);
        Assert.Contains("not authori", reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(allowed, client.Acknowledged.Take());
        Assert.True(client.Client.Stop(Probe.Patience));
        Assert.Empty(client.Acknowledged);
        Assert.Equal(0, client.Client.UnacknowledgedMessages);
    }

    [Fact]
    public void Publish_ForbiddenInTheOlderMqtt_IsAcknowledgedForTheBrokerDoesNotTell()
    {
        using var broker = WithAccessList().Start();
        using var client = new Probe(Probe.Options(broker.Port) with { Newest = MosquittoProtocol.Mqtt311 }).StartAndConnect();
        Assert.Equal(client.Client.Publish("forbidden", "x"u8, 1, retain: false), client.Acknowledged.Take());
        Assert.Empty(client.Refused);
    }

    [Fact]
    public void Disconnected_BrokerThatTakesLeave_SaysWhy()
    {
        using var broker = new FakeBroker((connection, _) =>
        {
            connection.Accept();
            connection.Send(0xe0, 1, 0x8e); // another client has come under the same name
            connection.Await(FakeConnection.Connect);
        });
        using var client = new Probe(Probe.Options(broker.Port)).StartAndConnect();
        Assert.Contains("taken over", client.Reasons.Take(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(MosquittoFaultKind.Dismissed, client.Client.LastFault!.Kind);
    }

    private static MosquittoBroker WithAccessList() => new(more: ["acl_file {folder}/acl"], files: new Dictionary<string, string> { ["acl"] = "topic write allowed\n" });
}
