using HeartSound.Edge.Health;
using HeartSound.Edge.HomeAssistant;
using HeartSound.Edge.Outputs.Delivery;
using HeartSound.Edge.Remote;
using HeartSound.Native.Mosquitto;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs;

/// <summary>
/// The device at its MQTT broker: status, health, what is heard right now, commands; and verdicts, which a <see cref="Courier"/> carries there from the outbox. A broker that is absent, at the
/// start or later, is waited for.
/// </summary>
public sealed partial class MqttVerdictSink : IVerdictSink
{
    /// <summary>Older ones are of no use to anybody.</summary>
    private static readonly TimeSpan LiveExpiry = TimeSpan.FromSeconds(5);

    private readonly MosquittoClient _client;
    private readonly Outbox _outbox;
    private readonly Courier _courier;
    private readonly MqttOptions _options;
    private readonly BrokerDiagnosis _diagnosis;
    private readonly StatusMessage _status;
    private readonly DeviceClock _clock;
    private readonly DeviceHealth? _deviceHealth;
    private readonly ILogger _log;
    private volatile RemoteControl? _remote;
    private volatile bool _isForbidden;
    private volatile byte[]? _health;

    /// <summary>Starts to connect at once.</summary>
    /// <param name="options">Where the broker is and who we are there.</param>
    /// <param name="outbox">Where verdicts wait; the sink disposes it.</param>
    /// <param name="session">Of this run.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="health">Where a broker that is away is reported; null when nobody looks.</param>
    /// <param name="logs">Where trouble is said.</param>
    internal MqttVerdictSink(MqttOptions options, Outbox outbox, Guid session, DeviceClock clock, DeviceHealth? health, ILoggerFactory logs)
    {
        _options = options;
        _outbox = outbox;
        _clock = clock;
        _deviceHealth = health;
        _log = logs.CreateLogger<MqttVerdictSink>();
        _diagnosis = new BrokerDiagnosis(options, clock);
        _status = new StatusMessage { Device = options.Device, Status = DeviceStatus.Online, Session = session, At = clock.Now, Software = VerdictStamp.Software };
        _client = new MosquittoClient(options.Client($"{Topics.Root}-{options.Device}") with
        {
            MaxInflight = Courier.Window,
            Will = new MosquittoWill(Topics.Status(options.Device), (_status with { Status = DeviceStatus.Offline }).ToJson(), Qos: 1, Retain: true),
        });
        _client.Connected += OnConnected;
        _client.Disconnected += OnDisconnected;
        _client.Refused += OnRefused;
        _client.HandlerFailed += LogHandlerFailed;
        if (options.HomeAssistant is { } home) _ = new HomeAssistantLink(_client, options.Device, home.Prefix, VerdictStamp.Software);
        _courier = new Courier(_client, outbox, options.Device, clock, health, logs.CreateLogger<Courier>()) { Delivered = OnDelivered };
        _client.Start();
    }

    public string Name => $"MQTT {_options.Host}:{_options.Port}";

    /// <summary>Told, on the courier's thread, which verdict of this run the broker has.</summary>
    internal Action<Guid>? VerdictAcknowledged { get; set; }

    /// <summary>What waits.</summary>
    public OutboxPart Outbox => _outbox.Part;

    /// <summary>It is in the outbox already, and leaves as soon as the broker is there.</summary>
    public void Publish(VerdictMessage message) => _courier.Wake();

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
        _courier.Stop();
        _client.Publish(Topics.Status(_options.Device), (_status with { Status = DeviceStatus.Stopped, At = _clock.Now }).ToJson(), qos: 1, retain: true);
        _client.Stop(TimeSpan.FromSeconds(1));
        _client.Dispose();
        _courier.Dispose();
        _outbox.Dispose();
    }

    private void OnConnected()
    {
        LogConnected(_options.Host, _options.Port);
        _client.Publish(Topics.Status(_options.Device), (_status with { At = _clock.Now }).ToJson(), qos: 1, retain: true);
        if (_health is { } health) _client.Publish(Topics.Health(_options.Device), health, qos: 1, retain: true);
        _courier.SendLatestAgain();
        _remote?.OnConnected();
        _deviceHealth?.Report(DevicePart.Broker, PartLevel.Ok, BrokerState.Connected);
        _courier.Wake();
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
    }

    private void OnDelivered(IReadOnlyList<WaitingVerdict> verdicts)
    {
        foreach (var verdict in verdicts) if (verdict.Id != Guid.Empty) VerdictAcknowledged?.Invoke(verdict.Id);
        if (!_isForbidden) return;
        _isForbidden = false;
        _deviceHealth?.Report(DevicePart.Broker, PartLevel.Ok, BrokerState.Connected);
    }

    [LoggerMessage(3101, LogLevel.Information, "Connected to the broker {Host}:{Port}")]
    private partial void LogConnected(string host, int port);

    [LoggerMessage(3102, LogLevel.Warning, "{Trouble} Verdicts wait; trying again for ever")]
    private partial void LogDisconnected(string trouble);

    [LoggerMessage(3103, LogLevel.Error, "The broker's events are not handled as they should be")]
    private partial void LogHandlerFailed(Exception cause);

    [LoggerMessage(3104, LogLevel.Warning, "{Count} verdicts wait on disk for the broker; they leave when the device runs again")]
    private partial void LogWaiting(int count);

    [LoggerMessage(3150, LogLevel.Error, "{Trouble} Verdicts wait; trying again for ever")]
    private partial void LogRefused(string trouble);
}
