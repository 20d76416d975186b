using HeartSound.Native.Mosquitto;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs;

/// <summary>
/// Verdicts and status to an MQTT broker. A broker that is absent, at the start or later, is waited for; verdicts wait in memory
/// until they are acknowledged. (A durable outbox goes in front of <see cref="Publish"/>.)
/// </summary>
public sealed partial class MqttVerdictSink : IVerdictSink
{
    /// <summary>Messages that may wait for the broker, two a verdict: hours of them.</summary>
    private const int MaxUnacknowledged = 8192;

    private readonly MosquittoClient _client;
    private readonly MqttOptions _options;
    private readonly StatusMessage _status;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly HashSet<int> _unacknowledged = [];

    /// <summary>Starts to connect at once.</summary>
    public MqttVerdictSink(MqttOptions options, Guid session, string software, ILogger<MqttVerdictSink> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _log = log;
        _status = new StatusMessage { Device = options.Device, Status = DeviceStatus.Online, Session = session, Software = software };
        _client = new MosquittoClient(new MosquittoOptions
        {
            Host = options.Host,
            Port = options.Port,
            ClientId = $"{Topics.Root}-{options.Device}",
            Username = options.Username,
            Password = options.Password,
            MaxUnacknowledged = MaxUnacknowledged,
            Will = new MosquittoWill(Topics.Status(options.Device), (_status with { Status = DeviceStatus.Offline }).ToJson(), Qos: 1, Retain: true),
        });
        _client.Connected += OnConnected;
        _client.Disconnected += reason => LogDisconnected(options.Host, options.Port, reason);
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

    public int Flush(TimeSpan deadline)
    {
        var until = Environment.TickCount64 + (long)deadline.TotalMilliseconds;
        while (Unacknowledged() > 0 && Environment.TickCount64 < until) Thread.Sleep(5);
        return Unacknowledged();
    }

    /// <summary>Says <c>stopped</c> and leaves.</summary>
    public void Dispose()
    {
        _client.Publish(Topics.Status(_options.Device), (_status with { Status = DeviceStatus.Stopped }).ToJson(), qos: 1, retain: true);
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
        _client.Publish(Topics.Status(_options.Device), _status.ToJson(), qos: 1, retain: true);
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
