using System.Collections.Concurrent;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Native.Tests.Mosquitto;

/// <summary>Connections that are cut, go dead, or are not what they seem.</summary>
public sealed class MosquittoCutTests
{
    [Theory]
    [InlineData(MosquittoProtocol.Mqtt5)]
    [InlineData(MosquittoProtocol.Mqtt311)]
    public void Publish_WhileTheBrokerThinksAfterACut_NeverOvertakesWhatIsRepeated(MosquittoProtocol protocol)
    {
        using var arrived = new BlockingCollection<int>();
        using var reached = new ManualResetEventSlim();
        using var answer = new ManualResetEventSlim();
        using var broker = new FakeBroker((connection, number) =>
        {
            var level = connection.Await(FakeConnection.Connect)[6];
            if (number > 1)
            {
                reached.Set();
                answer.Wait(Probe.Patience);
            }

            connection.Take(level);
            for (var i = 1; number > 1 || i <= 3; i++)
            {
                var message = connection.Await(FakeConnection.Publish);
                if (number == 1)
                    continue; // three come and are not acknowledged; then it is cut
                connection.Acknowledge(message);
                arrived.Add(message[^1]);
            }
        });
        using var client = new Probe(Probe.Options(broker.Port) with { Newest = protocol });
        using var greeted = new SemaphoreSlim(0);
        client.Client.Connected += () =>
        {
            client.Client.Publish("v", [100], 1, retain: false);
            greeted.Release();
        };
        client.Client.Start();
        Assert.True(greeted.Wait(Probe.Patience)); // 100 is the first of the three
        client.Client.Publish("v", [1], 1, retain: false);
        client.Client.Publish("v", [2], 1, retain: false);
        Assert.True(reached.Wait(Probe.Patience));
        client.Client.Publish("v", [3], 1, retain: false); // there is a socket, and no answer of the broker
        client.Client.Publish("v", [4], 1, retain: false);
        answer.Set();
        Assert.True(greeted.Wait(Probe.Patience));
        client.Client.Publish("v", [5], 1, retain: false);
        int[] order = [.. Enumerable.Range(0, 7).Select(_ => arrived.TryTake(out var value, Probe.Patience) ? value : -1)];
        Assert.Equal([100, 1, 2, 3, 4, 100, 5], order);
        for (var i = 0; i < 7; i++)
            client.Acknowledged.Take();
        Assert.Equal(0, client.Client.UnacknowledgedMessages);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)]
    public void Publish_ManyWithCutsInBetween_FirstArrivalsAreInOrderAndComplete(int inflight)
    {
        const int Messages = 200;
        using var arrived = new BlockingCollection<int>();
        var random = new Random(inflight);
        using var broker = new FakeBroker((connection, number) =>
        {
            connection.Accept();
            var left = number % 2 == 0 ? 0 : random.Next(30); // every other one is cut at once
            for (var unanswered = 0; left > 0 && unanswered < inflight; left--)
            {
                var message = connection.Await(FakeConnection.Publish);
                arrived.Add((message[^2] << 8) | message[^1]);
                if (random.Next(4) == 0)
                    unanswered++; // it will come again
                else
                    connection.Acknowledge(message);
            }
        });
        using var client = new Probe(Probe.Options(broker.Port) with { MaxInflight = inflight, ReconnectDelay = TimeSpan.FromMilliseconds(1), MaxReconnectDelay = TimeSpan.FromMilliseconds(5) });
        client.Client.Start();
        for (var i = 0; i < Messages; i++)
            Assert.NotEqual(0, client.Client.Publish("v", [(byte)(i >> 8), (byte)i], 1, retain: false));
        var first = new List<int>();
        while (first.Count < Messages)
        {
            Assert.True(arrived.TryTake(out var value, Probe.Patience), $"{first.Count} of {Messages} have arrived");
            if (!first.Contains(value))
                first.Add(value);
        }

        Assert.Equal(Enumerable.Range(0, Messages), first);
    }

    [Fact]
    public void Disconnected_BrokerThatTakesTheClientAndCutsItOff_IsNotStormed()
    {
        using var broker = new FakeBroker((connection, _) => connection.Accept());
        using var client = new Probe(Probe.Options(broker.Port) with { ReconnectDelay = TimeSpan.FromMilliseconds(10), MaxReconnectDelay = TimeSpan.FromMinutes(1), Randomness = () => 1 });
        var delays = new BlockingCollection<TimeSpan>();
        client.Client.Disconnected += _ => delays.Add(client.Client.Delay);
        client.Client.Start();
        for (var expected = 20; expected <= 320; expected *= 2)
        {
            Assert.True(delays.TryTake(out var delay, Probe.Patience));
            Assert.Equal(expected, delay.TotalMilliseconds, 3);
            client.Connected.Take(); // it had been taken each time
        }
    }

    [Fact]
    public void Disconnected_BrokerThatIsStoppedLikeACutCable_IsFoundByTheKeepAlive()
    {
        using var broker = new MosquittoBroker().Start();
        using var client = new Probe(Probe.Options(broker.Port) with { KeepAlive = TimeSpan.FromSeconds(5) }).StartAndConnect();
        broker.Signal("STOP");
        try
        {
            var id = client.Client.Publish("v", "x"u8, 1, retain: false);
            client.Reasons.Take();
            Assert.Equal(MosquittoFaultKind.Lost, client.Client.LastFault!.Kind);
            Assert.False(client.Client.IsConnected);
            broker.Signal("CONT");
            Assert.Equal(id, client.Acknowledged.Take());
        }
        finally
        {
            broker.Signal("CONT");
        }
    }

    [Fact]
    public void Disconnected_BrokerThatNeverAnswers_IsGivenUp()
    {
        using var broker = new FakeBroker((connection, _) =>
        {
            while (true)
                connection.Read();
        });
        using var client = new Probe(Probe.Options(broker.Port) with { KeepAlive = TimeSpan.FromSeconds(5) });
        client.Client.Start();
        Assert.Contains("does not answer", client.Reasons.Take(), StringComparison.Ordinal);
        Assert.Equal(MosquittoFaultKind.Silent, client.Client.LastFault!.Kind);
    }

    [Fact]
    public void KeepAlive_ByDefault_IsShorterThan30Seconds() => Assert.InRange(new MosquittoOptions().KeepAlive.TotalSeconds, 5, 29);
}
