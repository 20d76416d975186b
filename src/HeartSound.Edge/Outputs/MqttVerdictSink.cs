using System.Collections.Concurrent;
using HeartSound.Edge.Health;
using HeartSound.Edge.HomeAssistant;
using HeartSound.Edge.Outputs.Delivery;
using HeartSound.Edge.Remote;
using HeartSound.Native.Mosquitto;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs;

/// <summary>
/// The device at its MQTT broker: verdicts, status, health and what is heard right now. A broker that is absent, at the start or later, is waited for.
/// <code>
/// store thread: numbered, in the outbox ─┐                   ┌─ acknowledged ─→ taken out of the outbox
/// courier's own thread:                  └→ so many at once ─┴─ refused ──────→ again, after a while
/// </code>
/// </summary>
public sealed partial class MqttVerdictSink : IVerdictSink
{
    /// <summary>Verdicts on their way at once; libmosquitto sends as many without an answer.</summary>
    private const int Window = 20;

    /// <summary>How long a broker that refuses is left alone.</summary>
    private static readonly TimeSpan RefusalPause = TimeSpan.FromSeconds(30);

    /// <summary>Older ones are of no use to anybody.</summary>
    private static readonly TimeSpan LiveExpiry = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    private readonly MosquittoClient _client;
    private readonly Outbox _outbox;
    private readonly MqttOptions _options;
    private readonly BrokerDiagnosis _diagnosis;
    private readonly StatusMessage _status;
    private readonly DeviceClock _clock;
    private readonly DeviceHealth? _deviceHealth;
    private readonly ILogger _log;
    private readonly ConcurrentQueue<(int Id, bool IsTaken)> _answers = [];
    private readonly Dictionary<int, WaitingVerdict> _onTheWay = []; // courier's
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Thread _courier;
    private volatile RemoteControl? _remote;
    private volatile bool _isEnding;
    private volatile bool _isForbidden;
    private volatile byte[]? _health;
    private volatile byte[]? _latest; // the newest verdict that was sent
    private bool _isLatestDue;        // courier's: it is not published yet
    private long _pausedUntil;        // courier's: ticks

    /// <summary>Starts to connect at once.</summary>
    /// <param name="options">Where the broker is and who we are there.</param>
    /// <param name="outbox">Where verdicts wait; the sink disposes it.</param>
    /// <param name="session">Of this run.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="health">Where a broker that is away is reported; null when nobody looks.</param>
    /// <param name="log">Where trouble is said.</param>
    internal MqttVerdictSink(MqttOptions options, Outbox outbox, Guid session, DeviceClock clock, DeviceHealth? health, ILogger<MqttVerdictSink> log)
    {
        _options = options;
        _outbox = outbox;
        _clock = clock;
        _deviceHealth = health;
        _log = log;
        _diagnosis = new BrokerDiagnosis(options, clock);
        _status = new StatusMessage { Device = options.Device, Status = DeviceStatus.Online, Session = session, At = clock.Now, Software = VerdictStamp.Software };
        _client = new MosquittoClient(options.Client($"{Topics.Root}-{options.Device}") with
        {
            MaxInflight = Window,
            Will = new MosquittoWill(Topics.Status(options.Device), (_status with { Status = DeviceStatus.Offline }).ToJson(), Qos: 1, Retain: true),
        });
        _client.Connected += OnConnected;
        if (options.HomeAssistant is { } home) _ = new HomeAssistantLink(_client, options.Device, home.Prefix, VerdictStamp.Software);
        _client.Disconnected += OnDisconnected;
        _client.Acknowledged += id => Answer(id, isTaken: true);
        _client.Refused += OnRefused;
        _client.HandlerFailed += LogHandlerFailed;
        _courier = new Thread(Carry) { Name = "courier", IsBackground = true };
        _courier.Start();
        _client.Start();
    }

    public string Name => $"MQTT {_options.Host}:{_options.Port}";

    /// <summary>Told, on the courier's thread, which verdict of this run the broker has.</summary>
    internal Action<Guid>? VerdictAcknowledged { get; set; }

    /// <summary>What waits.</summary>
    public OutboxPart Outbox => _outbox.Part;

    /// <summary>It is in the outbox already, and leaves as soon as the broker is there.</summary>
    public void Publish(VerdictMessage message) => _wake.Set();

    /// <summary>What is heard right now; nobody who is not there misses it. Any thread.</summary>
    public void Publish(LiveMessage message)
    {
        if (_client.IsConnected) _client.Publish(Topics.Live(_options.Device), message.ToJson(), qos: 0, retain: false, LiveExpiry);
    }

    /// <summary>How the device is: now, and again after every connect. Any thread.</summary>
    public void Publish(HealthMessage message)
    {
        var json = message.ToJson();
        _health = json;
        if (_client.IsConnected) _client.Publish(Topics.Health(_options.Device), json, qos: 1, retain: true);
    }

    /// <summary>Brings it commands, and the broker what it says. Once.</summary>
    public void Take(RemoteControl remote)
    {
        remote.Publish = (topic, json, retain) =>
        {
            if (_client.IsConnected) _client.Publish(topic, json, qos: 1, retain);
        };
        _remote = remote;
        _client.Received += remote.Handle;
        _client.Subscribe(remote.Topic, qos: 1);
        if (_client.IsConnected) remote.OnConnected();
    }

    /// <summary>Waits until every verdict is acknowledged, at the most this long, and returns how many would be lost by ending now: those that are not on disk.</summary>
    public int Flush(TimeSpan deadline)
    {
        var until = Environment.TickCount64 + (long)deadline.TotalMilliseconds;
        while (_outbox.Waiting > 0 && Environment.TickCount64 < until) Thread.Sleep(5);
        var waiting = _outbox.Waiting;
        var lost = _outbox.InMemory;
        if (waiting > lost) LogWaiting(waiting - lost);
        return lost;
    }

    /// <summary>Says <c>stopped</c> and leaves.</summary>
    public void Dispose()
    {
        _isEnding = true;
        _wake.Set();
        _courier.Join();
        _client.Publish(Topics.Status(_options.Device), (_status with { Status = DeviceStatus.Stopped, At = _clock.Now }).ToJson(), qos: 1, retain: true);
        _client.Stop(TimeSpan.FromSeconds(1));
        _client.Dispose();
        TakeAnswers();
        _outbox.Dispose();
        _wake.Dispose();
    }

    private void Carry()
    {
        while (!_isEnding)
        {
            _wake.WaitOne(Turn);
#pragma warning disable CA1031 // Whatever goes wrong with one turn, the next one tries again: nothing else brings verdicts to the broker.
            try
            {
                TakeAnswers();
                _outbox.Tend(_clock.Now);
                Send();
            }
            catch (Exception e)
            {
                LogTurnFailed(e);
                Pause();
            }
#pragma warning restore CA1031
        }
    }

    private void TakeAnswers()
    {
        List<WaitingVerdict>? taken = null;
        while (_answers.TryDequeue(out var answer))
        {
            if (!_onTheWay.Remove(answer.Id, out var verdict)) continue; // of another message than a verdict
            if (answer.IsTaken) (taken ??= []).Add(verdict);
            else _outbox.PutBack(verdict);
            if (!answer.IsTaken) Pause();
        }

        if (taken is null) return;
        foreach (var verdict in taken) if (verdict.Id != Guid.Empty) VerdictAcknowledged?.Invoke(verdict.Id);
        _client.Prove();
        _outbox.Remove(taken);
        if (!_isForbidden) return;
        _isForbidden = false;
        _deviceHealth?.Report(DevicePart.Broker, PartLevel.Ok, BrokerState.Connected);
    }

    private void Send()
    {
        if (!_client.IsConnected || Environment.TickCount64 < _pausedUntil) return;
        while (_onTheWay.Count < Window)
        {
            if (_outbox.TakeNext(out var json) is not { } verdict)
            {
                SendLatest(); // of many that waited the newest alone
                return;
            }

            if (!TrySend(verdict, json)) return;
            _latest = json;
            _isLatestDue = true;
        }
    }

    private bool TrySend(WaitingVerdict verdict, byte[] json)
    {
        try
        {
            var id = _client.Publish(Topics.Verdict(_options.Device), json, qos: 1, retain: false);
            if (id == 0) _outbox.PutBack(verdict);
            else _onTheWay[id] = verdict;
            return id != 0;
        }
        catch (MosquittoException e)
        {
            // Larger than the broker takes: it would never arrive, and nothing behind it would.
            LogUnsendable(json.Length, e);
            _deviceHealth?.Count("verdictsUnsendable");
            _outbox.Remove([verdict]);
            return true;
        }
    }

    private void SendLatest()
    {
        if (!_isLatestDue || _latest is not { } latest) return;
        _isLatestDue = false;
        _client.Publish(Topics.LatestVerdict(_options.Device), latest, qos: 1, retain: true);
    }

    private void Pause() => _pausedUntil = Environment.TickCount64 + (long)RefusalPause.TotalMilliseconds;

    private void Answer(int id, bool isTaken)
    {
        _answers.Enqueue((id, isTaken));
        _wake.Set();
    }

    private void OnConnected()
    {
        LogConnected(_options.Host, _options.Port);
        _client.Publish(Topics.Status(_options.Device), (_status with { At = _clock.Now }).ToJson(), qos: 1, retain: true);
        if (_health is { } health) _client.Publish(Topics.Health(_options.Device), health, qos: 1, retain: true);
        if (_latest is { } latest) _client.Publish(Topics.LatestVerdict(_options.Device), latest, qos: 1, retain: true); // the broker may have lost what it kept
        _remote?.OnConnected();
        _deviceHealth?.Report(DevicePart.Broker, PartLevel.Ok, BrokerState.Connected);
        _wake.Set();
    }

    private void OnDisconnected(string _)
    {
        var trouble = _diagnosis.Of(_client.LastFault);
        LogDisconnected(trouble.Text);
        _deviceHealth?.Report(DevicePart.Broker, PartLevel.Degraded, trouble.State, $"{trouble.Text} Verdicts wait.");
        _deviceHealth?.Count("brokerAway");
    }

    private void OnRefused(int id, string reason)
    {
        var trouble = _diagnosis.OfRefusal(reason);
        if (!_isForbidden) LogRefused(trouble.Text);
        _isForbidden = true;
        _deviceHealth?.Report(DevicePart.Broker, PartLevel.Degraded, trouble.State, trouble.Text);
        Answer(id, isTaken: false);
    }

    [LoggerMessage(3101, LogLevel.Information, "Connected to the broker {Host}:{Port}")]
    private partial void LogConnected(string host, int port);

    [LoggerMessage(3102, LogLevel.Warning, "{Trouble} Verdicts wait; trying again for ever")]
    private partial void LogDisconnected(string trouble);

    [LoggerMessage(3103, LogLevel.Error, "The broker's events are not handled as they should be")]
    private partial void LogHandlerFailed(Exception cause);

    [LoggerMessage(3104, LogLevel.Warning, "{Count} verdicts wait on disk for the broker; they leave when the device runs again")]
    private partial void LogWaiting(int count);

    [LoggerMessage(3106, LogLevel.Error, "A verdict of {Bytes} bytes cannot be sent, and is lost")]
    private partial void LogUnsendable(int bytes, Exception cause);

    [LoggerMessage(3105, LogLevel.Error, "Verdicts cannot be sent; it is tried again")]
    private partial void LogTurnFailed(Exception cause);

    [LoggerMessage(3150, LogLevel.Error, "{Trouble} Verdicts wait; trying again for ever")]
    private partial void LogRefused(string trouble);
}
