using System.Text.Json;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Fleet;

/// <summary>Someone who gets the verdicts of the fleet, tells the ledger of each, and acknowledges it then.</summary>
internal sealed class FleetConsumer
{
    private readonly FleetOptions _options;
    private readonly FleetCounters _counters;
    private readonly DeliveryLedger _ledger;
    private readonly DeviceClock _clock;
    private readonly FleetClient _client;
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _awaited;
    private long _taken;

    public FleetConsumer(int number, FleetOptions options, FleetCounters counters, DeliveryLedger ledger, DeviceClock clock)
    {
        _options = options;
        _counters = counters;
        _ledger = ledger;
        _clock = clock;
        var identity = new MqttIdentity { ClientId = $"{Topics.Root}-{options.Prefix}consumer-{number + 1}", Username = options.Username, Password = options.Password };
        _client = new FleetClient(options, counters, identity, number) { CleanSession = !options.Durable, Received = OnPacket, Online = OnOnline, Offline = () => { } };
    }

    /// <summary>Verdicts that came to it, those that came twice included.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Ends when the broker has granted every subscription; fails when it refuses one.</summary>
    public Task Subscribed => _subscribed.Task;

    /// <summary>Until stopped; then has the broker forget what it kept for it.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await _client.RunAsync(stop);
        if (_options.Durable) await _client.ForgetAsync();
    }

    private void OnOnline(MqttLink link)
    {
        List<(string Filter, int Qos)> filters = [(_options.Group is { } group ? $"$share/{group}/{Topics.AllVerdicts}" : Topics.AllVerdicts, 1)];
        if (_options.Consume == Consumption.All) filters.Add(($"{Topics.Root}/+/live", 0));
        _awaited = filters.Count;
        for (var i = 0; i < filters.Count; i++)
        {
            var (id, filter, qos) = ((ushort)(i + 1), filters[i].Filter, filters[i].Qos);
            link.TrySend(to => MqttWire.WriteSubscribe(to, id, filter, qos));
        }
    }

    private void OnPacket(MqttLink link, MqttPacket packet)
    {
        switch (packet.Type)
        {
            case MqttWire.SubAck when packet.Granted > 1:
                _subscribed.TrySetException(new IOException("the broker refuses the subscription"));
                break;
            case MqttWire.SubAck:
                if (Interlocked.Decrement(ref _awaited) == 0) _subscribed.TrySetResult();
                break;
            case MqttWire.Publish:
                packet.ReadPublish(out var topic, out var id, out var payload);
                Take(topic, payload);
                if (id > 0) link.TrySend(to => MqttWire.WritePubAck(to, id));
                break;
        }
    }

    private void Take(string topic, ReadOnlySpan<byte> payload)
    {
        var now = _clock.Now.MonotonicSeconds;
        if (!topic.StartsWith($"{Topics.Root}/{_options.Prefix}", StringComparison.Ordinal) || Read(payload) is not { } message) return;
        _counters.AddReceived();
        var milliseconds = 1000 * (now - message.MonotonicSeconds);
        if (topic.EndsWith("/live", StringComparison.Ordinal)) _counters.AddLiveReceived(milliseconds);
        else Take(message, milliseconds);
    }

    private void Take(Head verdict, double milliseconds)
    {
        Interlocked.Increment(ref _taken);
        if (_ledger.Arrive(verdict.Series, verdict.Sequence)) _counters.Latency.Add(milliseconds);
    }

    // Other devices may be at this broker, and say what they like.
    private static Head? Read(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize<Head>(payload, EdgeJson.Compact);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Head(double MonotonicSeconds, Guid Series, long Sequence);
}
