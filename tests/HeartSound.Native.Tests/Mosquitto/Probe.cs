using System.Collections.Concurrent;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Native.Tests.Mosquitto;

/// <summary>A client with everything it says kept in order, taken with a deadline.</summary>
internal sealed class Probe : IDisposable
{
    // Only ever used up by a test that fails.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public Probe(MosquittoOptions options)
    {
        Client = new MosquittoClient(options);
        Client.Connected += () => Connected.Add(true);
        Client.Disconnected += Reasons.Add;
        Client.Acknowledged += Acknowledged.Add;
        Client.Refused += (id, reason) => Refused.Add((id, reason));
        Client.Received += Received.Add;
    }

    public MosquittoClient Client { get; }

    public Events<bool> Connected { get; } = new();

    public Events<string> Reasons { get; } = new();

    public Events<int> Acknowledged { get; } = new();

    public Events<(int Id, string Reason)> Refused { get; } = new();

    public Events<MosquittoMessage> Received { get; } = new();

    public static MosquittoOptions Options(int port) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        ReconnectDelay = TimeSpan.FromMilliseconds(50),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
    };

    public Probe StartAndConnect()
    {
        Client.Start();
        Connected.Take();
        return this;
    }

    public void Dispose() => Client.Dispose();
}

internal sealed class Events<T> : BlockingCollection<T>
{
    public new T Take()
    {
        Assert.True(TryTake(out var item, Probe.Patience), $"no {typeof(T).Name} came");
        return item;
    }
}
