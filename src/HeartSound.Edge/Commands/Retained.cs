using System.Collections.Concurrent;
using HeartSound.Edge.HomeAssistant;
using HeartSound.Edge.Outputs;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Commands;

/// <summary>What a broker keeps of a device.</summary>
internal static class Retained
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How long to wait for stragglers: brokers other than mosquitto may send what they keep after what is new.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    /// <summary>Some brokers (RabbitMQ before 4) give what they keep by full name alone.</summary>
    private static readonly string[] States = ["examination", "identify", "mute", "restart-capture"];

    /// <summary>Every retained message; what Home Assistant knows first, so that it forgets the device before its topics go.</summary>
    /// <exception cref="SetupException">The broker does not answer.</exception>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public static IReadOnlyList<(string Topic, byte[] Payload)> Find(MqttOptions options, CancellationToken stop)
    {
        var device = options.Device;
        var found = new ConcurrentDictionary<string, byte[]>();
        // The broker sends what it keeps when it takes the subscription; a message of our own, sent after that, comes behind it.
        var echo = $"{Topics.Root}/{device}/retire/{Guid.NewGuid():N}";
        using var end = new ManualResetEventSlim();
        using var client = Connect(options);
        client.Received += message =>
        {
            if (message.Topic == echo) end.Set();
            else if (message.Retain && message.Payload.Length > 0) found[message.Topic] = message.Payload;
        };
        string[] topics =
        [
            Discovery.AnyTopic(device), Discovery.Topic("homeassistant", device), $"{Topics.Root}/{device}/#", Topics.LatestVerdict(device), Topics.Health(device),
            Topics.Status(device), .. States.Select(s => Topics.State(device, s)), echo,
        ];
        foreach (var topic in topics) client.Subscribe(topic, qos: 1);
        Start(client, options, () => client.Publish(echo, "end"u8, qos: 1, retain: false), end, stop);
        for (var count = -1; count != found.Count; stop.WaitHandle.WaitOne(Quiet)) count = found.Count;
        client.Stop(TimeSpan.FromSeconds(1));
        return [.. found.Select(m => (m.Key, m.Value)).OrderBy(m => m.Key.StartsWith(Topics.Root + "/", StringComparison.Ordinal)).ThenBy(m => m.Key, StringComparer.Ordinal)];
    }

    /// <summary>Publishes nothing, retained, on each, and looks again.</summary>
    /// <returns>The topics that the broker keeps all the same.</returns>
    /// <exception cref="SetupException">The broker does not answer.</exception>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public static IReadOnlyList<string> Clear(MqttOptions options, IReadOnlyList<string> topics, CancellationToken stop)
    {
        using var connected = new ManualResetEventSlim();
        using var client = Connect(options);
        Start(client, options, connected.Set, connected, stop);
        foreach (var topic in topics) client.Publish(topic, [], qos: 1, retain: true);
        client.Stop(Patience);
        return [.. Find(options, stop).Select(m => m.Topic).Where(topics.Contains)];
    }

    private static MosquittoClient Connect(MqttOptions options) => new(options.Client($"{Topics.Root}-retire-{Guid.NewGuid():N}"));

    private static void Start(MosquittoClient client, MqttOptions options, Action connected, ManualResetEventSlim done, CancellationToken stop)
    {
        var reason = "no answer.";
        var diagnosis = new BrokerDiagnosis(options, new DeviceClock(TimeProvider.System));
        client.Connected += () => connected();
        client.Disconnected += _ => reason = diagnosis.Of(client.LastFault).Text;
        client.Start();
        if (!done.Wait(Patience, stop)) throw new SetupException($"The broker {options.Host}:{options.Port} does not answer as it should within {Patience.TotalSeconds:0} s: {reason}");
    }
}
