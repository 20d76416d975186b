using HeartSound.Native.Mosquitto;

namespace HeartSound.Native.Tests.Mosquitto;

/// <summary>A broker that takes connections and answers pings, but acknowledges nothing until it is told.</summary>
public sealed class MosquittoStallTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private volatile bool _acknowledges;
    private volatile int _connections;

    [Fact]
    public async Task Publish_BrokerThatAcknowledgesNothing_IsLeftAndGetsItAgain()
    {
        using var broker = new FakeBroker((connection, number) =>
        {
            _connections = number;
            connection.Accept();
            while (true)
            {
                var publish = connection.Await(FakeConnection.Publish);
                if (_acknowledges) connection.Acknowledge(publish);
            }
        });
        using var client = new MosquittoClient(new MosquittoOptions
        {
            Host = "127.0.0.1",
            Port = broker.Port,
            Newest = MosquittoProtocol.Mqtt311,
            AnswerTimeout = TimeSpan.FromSeconds(1),
            ReconnectDelay = TimeSpan.FromMilliseconds(50),
        });
        var fault = new TaskCompletionSource<string>();
        var answered = new TaskCompletionSource<int>();
        client.Disconnected += reason => fault.TrySetResult(reason);
        client.Acknowledged += id => answered.TrySetResult(id);
        client.Start();
        var id = client.Publish("a", "b"u8, qos: 1, retain: false);

        Assert.Contains("acknowledged nothing", await fault.Task.WaitAsync(Deadline));
        _acknowledges = true;
        Assert.Equal(id, await answered.Task.WaitAsync(Deadline));
        Assert.True(_connections >= 2);
        client.Stop(TimeSpan.FromSeconds(1));
    }
}
