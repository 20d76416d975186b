using System.Diagnostics;

namespace HeartSound.Native.Mosquitto;

/// <summary>
/// The messages that leave, in the order in which they were handed over, under ids of its own. Safe for use by several threads.
/// </summary>
/// <remarks>
/// <para>libmosquitto sends what it is given as soon as there is a socket, also before the broker has answered, and so before what it repeats from the connection before: newer messages would
/// overtake older ones. What comes while there is no open connection therefore waits here.</para>
/// <para>The gate is held while libmosquitto is called. That is safe because its publishing calls take none of the locks that it holds around its callbacks (checked in 1.4.15 and 2.0.11); the client's
/// events are never raised with the gate held.</para>
/// </remarks>
/// <param name="session">Sends.</param>
/// <param name="capacity">How many messages of QoS 1 and 2 may be unacknowledged.</param>
internal sealed class Outgoing(MosquittoSession session, int capacity)
{
    private readonly record struct Waiting(int Id, string Topic, byte[] Payload, int Qos, bool Retain, TimeSpan? Expiry);

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = [];
    private readonly Dictionary<int, (int Id, int Qos)> _sent = []; // by libmosquitto's id
    private int _unacknowledged;
    private int _lastId;
    private long _progressAt; // when the broker last answered, or had something to answer again
    private bool _open;

    /// <summary>Messages of QoS 1 and 2 that the broker has not acknowledged.</summary>
    public int Unacknowledged
    {
        get
        {
            lock (_gate)
                return _unacknowledged;
        }
    }

    /// <summary>How long the broker has owed an answer to a message of QoS 1 or 2 without giving any; zero when it owes none.</summary>
    public TimeSpan Stalled
    {
        get
        {
            lock (_gate)
                return _open && OwesAnswer() ? Stopwatch.GetElapsedTime(_progressAt) : TimeSpan.Zero;
        }
    }

    /// <summary>Sends a message, or lets it wait for the next connection; its id, or 0 when it was not taken.</summary>
    public int Publish(string topic, ReadOnlySpan<byte> payload, int qos, bool retain, TimeSpan? expiry)
    {
        MosquittoSession.ThrowUnlessPublishable(topic, payload.Length);
        lock (_gate)
        {
            if (qos == 0 ? !_open : _unacknowledged >= capacity)
                return 0;
            var id = _lastId == int.MaxValue ? 1 : _lastId + 1;
            if (!_open)
            {
                _waiting.Enqueue(new Waiting(id, topic, payload.ToArray(), qos, retain, expiry));
                _unacknowledged++;
            }
            else if (!Send(id, topic, payload, qos, retain, expiry))
            {
                return 0;
            }

            _lastId = id;
            return id;
        }
    }

    /// <summary>The broker has answered, and what is repeated is on its way: what waits follows it. Returns what cannot be sent to this broker at all, with the reason.</summary>
    public IReadOnlyList<(int Id, string Reason)> Open()
    {
        var refused = new List<(int Id, string Reason)>();
        lock (_gate)
        {
            _open = true;
            _progressAt = Stopwatch.GetTimestamp();
            while (_waiting.TryDequeue(out var message))
            {
                _unacknowledged--; // Send counts it again
                try
                {
                    Send(message.Id, message.Topic, message.Payload, message.Qos, message.Retain, message.Expiry);
                }
                catch (MosquittoException e)
                {
                    refused.Add((message.Id, e.Message));
                }
            }
        }

        return refused;
    }

    /// <summary>The connection has ended, and another attempt begins.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _open = false;
            foreach (var (mid, (_, qos)) in _sent)
            {
                if (qos == 0)
                    _sent.Remove(mid);
            }
        }
    }

    /// <summary>The broker has answered the message that libmosquitto calls <paramref name="mid"/>; our id of it, or 0 when it is answered already.</summary>
    public int Answered(int mid)
    {
        lock (_gate)
        {
            if (!_sent.Remove(mid, out var message))
                return 0;
            _progressAt = Stopwatch.GetTimestamp();
            if (message.Qos > 0)
                _unacknowledged--;
            return message.Id;
        }
    }

    private bool OwesAnswer()
    {
        foreach (var (_, qos) in _sent.Values)
        {
            if (qos > 0)
                return true;
        }

        return false;
    }

    private bool Send(int id, string topic, ReadOnlySpan<byte> payload, int qos, bool retain, TimeSpan? expiry)
    {
        if (session.Publish(topic, payload, qos, retain, expiry) is not { } mid)
            return false;
        if (!OwesAnswer())
            _progressAt = Stopwatch.GetTimestamp();
        _sent[mid] = (id, qos);
        if (qos > 0)
            _unacknowledged++;
        return true;
    }
}
