using System.Net;
using System.Net.Sockets;
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
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = new Thread(() => Serve(listener)) { IsBackground = true };
        server.Start();

        using var client = new MosquittoClient(new MosquittoOptions
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)listener.LocalEndpoint).Port,
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

    /// <summary>MQTT 3.1.1 in as many words as it takes: packets shorter than 128 bytes.</summary>
    private void Serve(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var socket = listener.AcceptSocket();
                _connections++;
                var packet = new byte[130];
                while (Read(socket, packet, 2) && Read(socket, packet.AsSpan(2), packet[1]))
                {
                    switch (packet[0] >> 4)
                    {
                        case 1: socket.Send([0x20, 2, 0, 0]); break;                                          // CONNECT → CONNACK
                        case 12: socket.Send([0xd0, 0]); break;                                               // PINGREQ → PINGRESP
                        case 3 when _acknowledges: socket.Send([0x40, 2, packet[5], packet[6]]); break; // PUBLISH of topic "a" → PUBACK
                    }
                }
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private static bool Read(Socket socket, Span<byte> into, int count)
    {
        for (var got = 0; got < count;)
        {
            var now = socket.Receive(into[got..count]);
            if (now == 0) return false;
            got += now;
        }

        return true;
    }
}
