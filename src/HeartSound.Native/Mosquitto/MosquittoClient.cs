using System.Diagnostics;

namespace HeartSound.Native.Mosquitto;

/// <summary>
/// One client of an MQTT broker, on its own thread, which connects and reconnects for ever. Publish, Subscribe and Stop are
/// safe for use by several threads; events come one at a time on the client's thread and must return soon. The caller disposes it.
/// </summary>
/// <remarks>
/// The loop is this class's own and not libmosquitto's (<c>mosquitto_loop_start</c>): that one stays asleep when the first
/// attempt fails (mosquitto issues 1903 and 2576), and is stopped by cancelling a thread that may be inside managed code.
/// </remarks>
public sealed class MosquittoClient : IDisposable
{
    // How soon Dispose is noticed; a publish wakes the loop at once.
    private const int LoopMilliseconds = 250;

    // How long taking leave, or ending the thread, may take. Looking up a host's name cannot be interrupted and may take longer: the
    // thread then ends by itself.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly MosquittoOptions _options;
    private readonly MosquittoSession _session;
    private readonly Outgoing _outgoing;
    private readonly ProtocolChoice _protocol;
    private readonly ReconnectDelay _delays;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _subscriptions = [];
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stopping = new();
    private volatile MosquittoFault? _lastFault;
    private volatile bool _connected;
    private volatile bool _proved;
    private volatile bool _leaving;
    private volatile bool _ended;
    private bool _started;

    /// <param name="options">Where and how to connect.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="MosquittoException">libmosquitto refuses an option.</exception>
    /// <exception cref="NativeLibraryMissingException">libmosquitto is not installed.</exception>
    public MosquittoClient(MosquittoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _session = new MosquittoSession(options, OnAnswered, OnReceived);
        _outgoing = new Outgoing(_session, options.MaxUnacknowledged);
        _protocol = new ProtocolChoice(MosquittoLibrary.HasMqtt5 && options.Newest == MosquittoProtocol.Mqtt5);
        _delays = new ReconnectDelay(options.ReconnectDelay, options.MaxReconnectDelay, proof: options.KeepAlive, options.Randomness);
        _thread = new Thread(Run) { IsBackground = true, Name = "mqtt" };
    }

    /// <summary>
    /// The broker has taken this client, at first and after every reconnect. The place to publish a retained birth message: what is published here comes after what is repeated.
    /// </summary>
    public event Action? Connected;

    /// <summary>
    /// A connection has ended or an attempt has failed; the text says why, for people, and <see cref="LastFault"/> for programs. A clean <see cref="Stop"/> does not raise it, nor does falling back to MQTT 3.1.1.
    /// </summary>
    public event Action<string>? Disconnected;

    /// <summary>The broker has acknowledged the message of this id (QoS 1 and 2), or it has been written to the network (QoS 0).</summary>
    public event Action<int>? Acknowledged;

    /// <summary>
    /// The broker has turned the message of this id away, for the reason given (MQTT 5; a broker of MQTT 3.1.1 acknowledges also what it throws away). It is not sent again, and
    /// <see cref="Acknowledged"/> is not raised for it.
    /// </summary>
    public event Action<int, string>? Refused;

    /// <summary>A message to a subscribed topic has come.</summary>
    public event Action<MosquittoMessage>? Received;

    /// <summary>A handler of another event has thrown; the client goes on.</summary>
    public event Action<Exception>? HandlerFailed;

    /// <summary>Whether the broker has taken this client and the connection has not been seen to end.</summary>
    public bool IsConnected => _connected;

    /// <summary>Messages of QoS 1 and 2 that the broker has not acknowledged.</summary>
    public int UnacknowledgedMessages => _outgoing.Unacknowledged;

    /// <summary>The version of MQTT that is spoken; null while there is no connection.</summary>
    public MosquittoProtocol? Protocol => _connected ? _session.Protocol : null;

    /// <summary>Why the last connection or attempt ended; null before the first has.</summary>
    public MosquittoFault? LastFault => _lastFault;

    /// <summary>How long the client waits, or has waited last, before it tries again.</summary>
    internal TimeSpan Delay { get; private set; }

    /// <summary>Starts connecting; returns at once, whether there is a broker or not.</summary>
    public void Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (_started)
                throw new InvalidOperationException("The client has been started already.");
            _started = true;
            _thread.Start();
        }
    }

    /// <summary>
    /// Sends a message, or, with QoS 1 and 2 while the broker is away, keeps it in memory and sends it after the next connect. Messages of one QoS reach the broker in the order of these calls, except
    /// that it may get some again after a cut (in order again).
    /// </summary>
    /// <param name="topic">Without wildcards, at most 65535 bytes.</param>
    /// <param name="payload">At most 268435455 bytes.</param>
    /// <param name="qos">0, 1 or 2.</param>
    /// <param name="retain">Whether the broker keeps it for who comes later.</param>
    /// <param name="expiry">How long after it has left the broker may still hand it out, in whole seconds; null for ever. MQTT 3.1.1 knows no such thing and ignores it.</param>
    /// <returns>
    /// The message's id (1 or more; unique among those that are not answered), or 0 when it was not taken: QoS 0 while the broker is away, or
    /// <see cref="MosquittoOptions.MaxUnacknowledged"/> messages wait already.
    /// </returns>
    /// <exception cref="MosquittoException">libmosquitto refuses the topic or the payload, or the broker has said that it takes none such (MQTT 5: its size, its QoS, retained ones).</exception>
    public int Publish(string topic, ReadOnlySpan<byte> payload, int qos, bool retain, TimeSpan? expiry = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ThrowUnlessQos(qos);
        ObjectDisposedException.ThrowIf(_ended, this);
        return _outgoing.Publish(topic, payload, qos, retain, expiry);
    }

    /// <summary>Subscribes now or at the next connect, and again after every reconnect. <paramref name="topic"/> may have wildcards.</summary>
    /// <exception cref="MosquittoException">libmosquitto refuses the topic.</exception>
    public void Subscribe(string topic, int qos)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ThrowUnlessQos(qos);
        ObjectDisposedException.ThrowIf(_ended, this);
        lock (_gate)
            _subscriptions[topic] = qos;
        if (_connected)
            _session.Subscribe(topic, qos);
    }

    /// <summary>
    /// This connection was of use: should it end soon, the next attempt need not wait long all the same. For who knows what counts, such as work that got done; a birth message that was acknowledged does not.
    /// </summary>
    public void Prove() => _proved = true;

    /// <summary>
    /// Waits up to <paramref name="drain"/>, while connected, until all messages of QoS 1 and 2 are acknowledged, then takes leave of
    /// the broker (which so does not publish the will) and ends the client for good. Must not be called from an event.
    /// </summary>
    /// <returns>Whether every message of QoS 1 and 2 was acknowledged.</returns>
    public bool Stop(TimeSpan drain)
    {
        var deadline = Environment.TickCount64 + (long)drain.TotalMilliseconds;
        while (_connected && _outgoing.Unacknowledged > 0 && Environment.TickCount64 < deadline)
            Thread.Sleep(5);
        _leaving = true;
        if (_session.Disconnect() && Thread.CurrentThread != _thread)
            _thread.Join(EndTimeout);
        End();
        return _outgoing.Unacknowledged == 0;
    }

    /// <summary>Drops the connection without taking leave if <see cref="Stop"/> was not called: the broker then publishes the will.</summary>
    public void Dispose() => End();

    /// <summary>The client's thread: connects, serves the connection until it ends, says why, waits longer each time, and begins again.</summary>
    private void Run()
    {
        try
        {
            var fault = _session.Connect(_protocol.Next);
            while (true)
            {
                var lasted = TimeSpan.Zero;
                if (fault is null)
                    (fault, lasted) = Serve();
                _outgoing.Close();
                if (_leaving || _stopping.IsSet)
                    return;
                if (!_protocol.Ended(fault!.Kind))
                {
                    _lastFault = fault;
                    Delay = _delays.Next(lasted);
                    Raise(() => Disconnected?.Invoke(fault.Text));
                    if (_stopping.Wait(Delay))
                        return;
                }

                fault = _session.Reconnect(_protocol.Next);
            }
        }
        finally
        {
            _connected = false;
            _session.Dispose();
        }
    }

    /// <summary>Serves one connection until it ends or the client is stopped; says why, and how long it stood after the broker had taken this client.</summary>
    private (MosquittoFault? Fault, TimeSpan Lasted) Serve()
    {
        MosquittoFault? fault = null;
        long? since = null;
        _proved = false;
        while (fault is null && !_stopping.IsSet)
        {
            fault = _session.Loop(LoopMilliseconds);

            // A broker that answers pings but acknowledges nothing would hold up everything for ever.
            if (fault is null && _outgoing.Stalled > _options.AnswerTimeout)
                fault = new MosquittoFault(MosquittoFaultKind.Lost, $"{_options.Host}:{_options.Port}: it has acknowledged nothing for {_options.AnswerTimeout.TotalSeconds:0} s");

            // Not in libmosquitto's callback: only after that does it repeat what the broker has not acknowledged, and that comes first.
            if (since is null && fault is null && _session.IsAccepted)
            {
                since = Stopwatch.GetTimestamp();
                Open();
            }
        }

        _connected = false;
        return (fault, _proved ? TimeSpan.MaxValue : since is { } start ? Stopwatch.GetElapsedTime(start) : TimeSpan.Zero);
    }

    private void End()
    {
        _stopping.Set();
        lock (_gate)
        {
            _ended = true;
            if (!_started)
            {
                _session.Dispose();
                return;
            }
        }

        if (Thread.CurrentThread != _thread)
            _thread.Join(EndTimeout);
    }

    private void Open()
    {
        KeyValuePair<string, int>[] subscriptions;
        lock (_gate)
        {
            _connected = true;
            subscriptions = [.. _subscriptions];
        }

        foreach (var (topic, qos) in subscriptions)
            Raise(() => _session.Subscribe(topic, qos));
        foreach (var (id, reason) in _outgoing.Open())
            Raise(() => Refused?.Invoke(id, reason));
        Raise(() => Connected?.Invoke());
    }

    private void OnAnswered(int libraryId, string? refusal)
    {
        if (_outgoing.Answered(libraryId) is not (> 0 and var id))
            return;
        Raise(() =>
        {
            if (refusal is null)
                Acknowledged?.Invoke(id);
            else
                Refused?.Invoke(id, refusal);
        });
    }

    private void OnReceived(MosquittoMessage message) => Raise(() => Received?.Invoke(message));

    // An exception must not reach libmosquitto's stack frames; whoever cares is told of it.
    private void Raise(Action handler)
    {
        try
        {
            handler();
        }
        catch (Exception exception)
        {
            try
            {
                HandlerFailed?.Invoke(exception);
            }
            catch (Exception)
            {
                // The handler of last resort has failed too; there is nobody left to tell.
            }
        }
    }

    private static void ThrowUnlessQos(int qos)
    {
        if (qos is < 0 or > 2)
            throw new ArgumentOutOfRangeException(nameof(qos), qos, "QoS is 0, 1 or 2.");
    }
}
