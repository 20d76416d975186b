using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace HeartSound.Native.Tests.Mosquitto;

/// <summary>Takes connections on a free loopback port and lets a script play the broker, so that it can do what no good broker does. Every connection has a thread.</summary>
internal sealed class FakeBroker : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentBag<Socket> _clients = [];

    /// <param name="play">Gets the connection and its number, from 1; closed when it returns.</param>
    public FakeBroker(Action<FakeConnection, int> play)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        new Thread(() => Accept(play)) { IsBackground = true }.Start();
    }

    public int Port { get; }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var client in _clients)
            client.Dispose();
    }

    private void Accept(Action<FakeConnection, int> play)
    {
        try
        {
            for (var number = 1; ; number++)
            {
                var client = _listener.Accept();
                _clients.Add(client);
                var mine = number;
                new Thread(() => Serve(play, client, mine)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static void Serve(Action<FakeConnection, int> play, Socket client, int number)
    {
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            play(new FakeConnection(stream), number);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            // The client has gone.
        }
    }
}

/// <summary>The broker's side of one connection.</summary>
internal sealed class FakeConnection(NetworkStream stream)
{
    public const int Connect = 1, Publish = 3, Subscribe = 8, Ping = 12;

    /// <summary>The next packet: its first byte and what follows the length. Throws when the client has gone.</summary>
    public (int Head, byte[] Body) Read()
    {
        var head = ReadByte();
        var (length, shift, digit) = (0, 0, 0x80);
        while (digit >= 0x80)
        {
            digit = ReadByte();
            length |= (digit & 0x7f) << shift;
            shift += 7;
        }

        var body = new byte[length];
        stream.ReadExactly(body);
        return (head, body);
    }

    /// <summary>The next packet of a kind; others are answered, or swallowed.</summary>
    public byte[] Await(int kind)
    {
        while (true)
        {
            var (head, body) = Read();
            if (head >> 4 == kind)
                return body;
            if (head >> 4 == Ping)
                Send(0xd0, 0);
        }
    }

    /// <summary>Takes the client; returns the version of MQTT that it speaks.</summary>
    public int Accept()
    {
        var level = Await(Connect)[6];
        Take(level);
        return level;
    }

    /// <summary>Says that the client is taken.</summary>
    public void Take(int level)
    {
        if (level == 5)
            Send(0x20, 3, 0, 0, 0);
        else
            Send(0x20, 2, 0, 0);
    }

    /// <summary>Acknowledges a message of QoS 1.</summary>
    public void Acknowledge(byte[] publish)
    {
        var topic = (publish[0] << 8) | publish[1];
        Send(0x40, 2, publish[2 + topic], publish[3 + topic]);
    }

    public void Send(params byte[] packet) => stream.Write(packet);

    private int ReadByte()
    {
        var value = stream.ReadByte();
        return value >= 0 ? value : throw new EndOfStreamException();
    }
}
