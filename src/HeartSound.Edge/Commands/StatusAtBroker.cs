using System.Diagnostics;
using System.Text.Json;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Settings;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Commands;

/// <summary>The status that a broker keeps of this device, as everybody else sees it. Connects when it is made; the owner disposes it.</summary>
internal sealed class StatusAtBroker : IDisposable
{
    /// <summary>How long a broker takes at the most to say what it keeps. One that says nothing for longer does not let this user read it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly MqttOptions _options;
    private readonly MosquittoClient _client;
    private readonly BrokerDiagnosis _diagnosis;
    private volatile StatusMessage? _status;
    private long? _connectedAt;

    private StatusAtBroker(MqttOptions options)
    {
        _options = options;
        _diagnosis = new BrokerDiagnosis(options, new DeviceClock(TimeProvider.System));
        _client = new MosquittoClient(options.Client($"{Topics.Root}-health-{Guid.NewGuid():N}"));
        _client.Received += Take;
        _client.Subscribe(Topics.Status(options.Device), qos: 1);
        _client.Start();
    }

    /// <summary>Null where the settings name no broker.</summary>
    /// <exception cref="SetupException">A file, or the way there, is no good.</exception>
    public static StatusAtBroker? Of(DeviceSettings settings) => BrokerChoices.Read(settings.Broker, settings.Name) is { } options ? new StatusAtBroker(options) : null;

    /// <summary>What the answer rests on where the broker does not let this user read the status; null where it does.</summary>
    public string? Note { get; private set; }

    /// <summary>Why it is not the status of this run of the service; null when it is.</summary>
    public string? FaultOf(ServiceState state)
    {
        if (!_client.IsConnected) return _client.LastFault is { } fault ? _diagnosis.Of(fault).Text : $"The broker {_options.Host}:{_options.Port} has not answered yet.";
        _connectedAt ??= Stopwatch.GetTimestamp();
        if (_status is null && state.Broker.Connected && Stopwatch.GetElapsedTime(_connectedAt.Value) > Patience)
        {
            Note = $"The broker {_options.Host}:{_options.Port} does not let this user read {Topics.Status(_options.Device)}: what counts is that the service says it is connected. See deploy/mosquitto/heartsound.acl.";
            return null;
        }

        return _status switch
        {
            null => $"The broker {_options.Host}:{_options.Port} has not said yet how '{_options.Device}' is.",
            { Status: not DeviceStatus.Online } status => $"The broker says that '{_options.Device}' is {VerdictText.Words(status.Status)}.",
            var status when status.Session != state.Session => "The broker keeps the status of another run of the service.",
            var status when status.Software != state.Software => $"The broker says that {status.Software} runs, and the service that {state.Software} does.",
            _ => null,
        };
    }

    public void Dispose()
    {
        _client.Stop(TimeSpan.Zero);
        _client.Dispose();
    }

    private void Take(MosquittoMessage message)
    {
        try
        {
            _status = StatusMessage.FromJson(message.Payload);
        }
        catch (JsonException)
        {
            _status = null; // whatever it is, it is not that of this service
        }
    }
}
