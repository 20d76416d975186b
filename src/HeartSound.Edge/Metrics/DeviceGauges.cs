using System.Diagnostics.Metrics;
using HeartSound.Edge.Health;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Metrics;

/// <summary>What the device is asked when somebody looks: mostly its health message, read at most four times a second. Thread-safe.</summary>
internal sealed class DeviceGauges : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(250);

    /// <summary>Counters of the health message that have a metric of their own.</summary>
    private const string LostSamples = "lostSamples", Overruns = "overruns", StethoscopeReconnects = "reconnects", OutboxDropped = "verdictsDropped";

    private static readonly KeyValuePair<string, object?> Stethoscope = new("to", "stethoscope"), Broker = new("to", "broker");

    private readonly Lock _gate = new();
    private readonly Lock _brokerGate = new(); // its own: who reports health may hold locks that asking for the message takes
    private readonly Func<TimeSpan, HealthMessage> _facts;
    private readonly DeviceHealth _health;
    private readonly DeviceProgress _progress;
    private readonly TimeProvider _time;
    private readonly long _start;
    private HealthMessage? _message;
    private long _messageAt;
    private bool? _brokerIsThere; // null before the first connect
    private long _brokerReconnects;

    public DeviceGauges(Meter meter, Func<TimeSpan, HealthMessage> facts, DeviceHealth health, DeviceProgress progress, TimeProvider time)
    {
        _facts = facts;
        _health = health;
        _progress = progress;
        _time = time;
        _start = time.GetTimestamp();
        health.Changed += FollowBroker;

        MetricCatalog.Dropped.Observe(meter, Dropped);
        MetricCatalog.QueueDepth.Observe(meter, Depths);
        MetricCatalog.OutboxSize.Observe<long>(meter, () => Message.Outbox is { } outbox ? [new(outbox.Bytes)] : []);
        MetricCatalog.OutboxAge.Observe<double>(meter, () => Message.Outbox is { } outbox ? [new(outbox.OldestSeconds ?? 0)] : []);
        MetricCatalog.Captured.Observe<long>(meter, () => [new(progress.Captured)]);
        MetricCatalog.CaptureLost.Observe<long>(meter, () => [Counted(LostSamples)]);
        MetricCatalog.Overruns.Observe<long>(meter, () => [Counted(Overruns)]);
        MetricCatalog.Reconnects.Observe<long>(meter, () => [Counted(StethoscopeReconnects, Stethoscope), new(Interlocked.Read(ref _brokerReconnects), Broker)]);
        MetricCatalog.Events.Observe(meter, () => health.Counters.Where(c => c.Key is not (LostSamples or Overruns or StethoscopeReconnects or OutboxDropped))
            .Select(c => new Measurement<long>(c.Value, new KeyValuePair<string, object?>("event", c.Key))));
        MetricCatalog.HealthLevel.Observe(meter, () => health.Parts.Select(p => new Measurement<int>((int)p.Value.Level, new KeyValuePair<string, object?>("part", MetricWords.Of(p.Key)))));
        MetricCatalog.Temperature.Observe(meter, Temperatures);
        MetricCatalog.ClockSynced.Observe<int>(meter, () => Message.ClockSynced is { } isSynced ? [new(isSynced ? 1 : 0)] : []);
        MetricCatalog.Model.Observe(meter, Model);
        MetricCatalog.Memory.Observe<long>(meter, () => [new(Environment.WorkingSet)]);
        MetricCatalog.Processor.Observe<double>(meter, () => [new(Environment.CpuUsage.TotalTime.TotalSeconds)]);
        MetricCatalog.Uptime.Observe<double>(meter, () => [new(time.GetElapsedTime(_start).TotalSeconds)]);
    }

    /// <summary>Whose drops are told; null before there is one.</summary>
    public VerdictDispatcher? Sinks { get; set; }

    private HealthMessage Message
    {
        get
        {
            lock (_gate)
            {
                if (_message is not null && _time.GetElapsedTime(_messageAt) < Fresh) return _message;
                _message = _facts(_time.GetElapsedTime(_start));
                _messageAt = _time.GetTimestamp();
                return _message;
            }
        }
    }

    public void Dispose() => _health.Changed -= FollowBroker;

    private IEnumerable<Measurement<long>> Dropped()
    {
        yield return At("queue", Sinks?.Dropped ?? 0);
        yield return At("sink", Sinks?.Failed ?? 0);
        if (Message.Outbox is { } outbox) yield return At("outbox", outbox.Dropped);

        static Measurement<long> At(string at, long verdicts) => new(verdicts, new KeyValuePair<string, object?>("at", at));
    }

    private IEnumerable<Measurement<long>> Depths()
    {
        yield return new(Math.Max(0, _progress.Queued - _progress.Delivered), new KeyValuePair<string, object?>("queue", "sinks"));
        if (Message.Outbox is { } outbox) yield return new(outbox.Waiting, new KeyValuePair<string, object?>("queue", "outbox"));
    }

    private IEnumerable<Measurement<double>> Temperatures() =>
        (Message.Heat?.Zones ?? []).GroupBy(z => z.Name).Select(same => new Measurement<double>(same.Max(z => z.Celsius), new KeyValuePair<string, object?>("zone", same.Key)));

    private IEnumerable<Measurement<int>> Model() => Message.Model is { } model
        ? [new(1, new("model", model.Id), new("version", model.Version), new("provider", Message.Provider))]
        : [];

    private Measurement<long> Counted(string counter, params ReadOnlySpan<KeyValuePair<string, object?>> tags) => new(_health.Counters.GetValueOrDefault(counter), tags);

    private void FollowBroker()
    {
        if (!_health.Parts.TryGetValue(DevicePart.Broker, out var broker)) return;
        lock (_brokerGate)
        {
            var isThere = broker.Level == PartLevel.Ok;
            if (isThere && _brokerIsThere == false) Interlocked.Increment(ref _brokerReconnects);
            if (isThere || _brokerIsThere is not null) _brokerIsThere = isThere;
        }
    }
}
