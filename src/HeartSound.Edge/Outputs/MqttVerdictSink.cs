using HeartSound.Edge.Health;
using HeartSound.Native.Mosquitto;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs;

/// <summary>
/// Verdicts, status, health and what is heard right now to an MQTT broker. A broker that is absent, at the start or later, is waited for; verdicts wait in memory
/// until they are acknowledged. (A durable outbox goes in front of it.)
/// </summary>
public sealed partial class MqttVerdictSink : IVerdictSink
{
    /// <summary>Messages that may wait for the broker, two a verdict: hours of them.</summary>
    private const int MaxUnacknowledged = 8192;

    private readonly MosquittoClient _client;
    private readonly MqttOptions _options;
    private readonly StatusMessage _status;
    private readonly DeviceClock _clock;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly HashSet<int> _unacknowledged = [];
    private readonly DeviceHealth? _deviceHealth;
    private byte[]? _health;

    /// <summary>Starts to connect at once.</summary>
    /// <param name="options">Where the broker is and who we are there.</param>
    /// <param name="session">Of this run.</param>
    /// <param name="software">Version of this program.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="health">Where a broker that is away is reported; null when nobody looks.</param>
    /// <param name="log">Where trouble is said.</param>
    public MqttVerdictSink(MqttOptions options, Guid session, string software, DeviceClock clock, DeviceHealth? health, ILogger<MqttVerdictSink> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _clock = clock;
        _deviceHealth = health;
        _log = log;
        _status = new StatusMessage { Device = options.Device, Status = DeviceStatus.Online, Session = session, At = clock.Now, Software = software };
        _client = new MosquittoClient(options.Client($"{Topics.Root}-{options.Device}") with
        {
            MaxUnacknowledged = MaxUnacknowledged,
            Will = new MosquittoWill(Topics.Status(options.Device), (_status with { Status = DeviceStatus.Offline }).ToJson(), Qos: 1, Retain: true),
        });
        _client.Connected += OnConnected;
        _client.Disconnected += OnDisconnected;
        _client.Acknowledged += OnAcknowledged;
        _client.HandlerFailed += LogHandlerFailed;
        _client.Start();
    }

    public string Name => $"MQTT {_options.Host}:{_options.Port}";

    public void Publish(VerdictMessage message)
    {
        var json = message.ToJson();
        lock (_gate) // the acknowledgement may come before Publish has returned
        {
            var id = _client.Publish(Topics.Verdict(_options.Device), json, qos: 1, retain: false);
            if (id == 0) throw new IOException($"{MaxUnacknowledged} messages wait for the broker already; this verdict is not published");
            _unacknowledged.Add(id);
        }

        _client.Publish(Topics.LatestVerdict(_options.Device), json, qos: 1, retain: true);
    }

    /// <summary>What is heard right now; nobody who is not there misses it. Any thread.</summary>
    public void Publish(LiveMessage message)
    {
        if (_client.IsConnected) _client.Publish(Topics.Live(_options.Device), message.ToJson(), qos: 0, retain: false);
    }

    /// <summary>How the device is: now, and again after every connect. Any thread.</summary>
    public void Publish(HealthMessage message)
    {
        var json = message.ToJson();
        Volatile.Write(ref _health, json);
        if (_client.IsConnected) _client.Publish(Topics.Health(_options.Device), json, qos: 1, retain: true);
    }

    public int Flush(TimeSpan deadline)
    {
        var until = Environment.TickCount64 + (long)deadline.TotalMilliseconds;
        while (Unacknowledged() > 0 && Environment.TickCount64 < until) Thread.Sleep(5);
        return Unacknowledged();
    }

    /// <summary>Says <c>stopped</c> and leaves.</summary>
    public void Dispose()
    {
        _client.Publish(Topics.Status(_options.Device), (_status with { Status = DeviceStatus.Stopped, At = _clock.Now }).ToJson(), qos: 1, retain: true);
        _client.Stop(TimeSpan.FromSeconds(1));
        _client.Dispose();
    }

    private int Unacknowledged()
    {
        lock (_gate) return _unacknowledged.Count;
    }

    private void OnConnected()
    {
        LogConnected(_options.Host, _options.Port);
        _client.Publish(Topics.Status(_options.Device), (_status with { At = _clock.Now }).ToJson(), qos: 1, retain: true);
        if (Volatile.Read(ref _health) is { } health) _client.Publish(Topics.Health(_options.Device), health, qos: 1, retain: true);
        _deviceHealth?.Report(DevicePart.Broker, PartLevel.Ok, BrokerState.Connected);
    }

    private void OnDisconnected(string reason)
    {
        LogDisconnected(_options.Host, _options.Port, reason);
        _deviceHealth?.Report(DevicePart.Broker, PartLevel.Degraded, BrokerState.Away, $"The broker {_options.Host}:{_options.Port} is not there: {reason}. Verdicts wait.");
        _deviceHealth?.Count("brokerAway");
    }

    private void OnAcknowledged(int id)
    {
        lock (_gate) _unacknowledged.Remove(id);
    }

    [LoggerMessage(3101, LogLevel.Information, "Connected to the broker {Host}:{Port}")]
    private partial void LogConnected(string host, int port);

    [LoggerMessage(3103, LogLevel.Error, "The broker's events are not handled as they should be")]
    private partial void LogHandlerFailed(Exception cause);

    [LoggerMessage(3102, LogLevel.Warning, "The broker {Host}:{Port} is not there: {Reason}. Verdicts wait; trying again for ever")]
    private partial void LogDisconnected(string host, int port, string reason);
}
