using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;
using HeartSound.Native.OnnxRuntime;
using HeartSound.Signal;

namespace HeartSound.Edge.Fleet;

/// <summary>
/// A device as it is seen from the broker: retained status with a will, health, what it hears twice a second, and verdicts that are kept until they are acknowledged and sent again,
/// in order, on the next connection. Its messages are the product's own.
/// </summary>
internal sealed class SimulatedDevice
{
    /// <summary>Verdicts on their way at once, as of a real device.</summary>
    private const int MaxInFlight = 20;

    /// <summary>Verdicts that may wait; further ones are not made.</summary>
    private const int MaxWaiting = 10_000;

    private static readonly TimeSpan LivePeriod = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan HealthPeriod = TimeSpan.FromMinutes(1);
    // The contract knows no made-up provider; the model says what this is.
    private static readonly EngineStatus Engine = new() { Asked = [OnnxProvider.Cpu], State = EngineState.CpuOnly };

    private static readonly ModelPart Model = new("fleet-sim", "1", new string('0', 64));

    private readonly FleetOptions _options;
    private readonly FleetCounters _counters;
    private readonly DeliveryLedger _ledger;
    private readonly DeviceClock _clock;
    private readonly Random _random;
    private readonly SimulatedVerdicts _verdicts;
    private readonly VerdictStamp _stamp;
    private readonly FleetClient _client;
    private readonly StatusMessage _status;
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiting> _waiting = [];
    private readonly Dictionary<ushort, LinkedListNode<Waiting>> _inFlight = [];
    private Numbering _numbering = Numbering.Fresh();
    private LinkedListNode<Waiting>? _next;
    private byte[]? _latest;
    private MqttLink? _link;
    private bool _producing;
    private int _made;
    private ushort _id;

    public SimulatedDevice(int number, FleetOptions options, FleetCounters counters, DeliveryLedger ledger, DeviceClock clock)
    {
        Name = FormattableString.Invariant($"{options.Prefix}{number + 1:D4}");
        _options = options;
        _counters = counters;
        _ledger = ledger;
        _clock = clock;
        _random = new Random(unchecked((options.Seed * 100_003) + number));
        _verdicts = new SimulatedVerdicts(_random);
        var session = Guid.CreateVersion7();
        _stamp = new VerdictStamp(Name, session, Model, () => Engine, clock);
        _status = new StatusMessage { Device = Name, Status = DeviceStatus.Offline, Session = session, At = clock.Now, Software = VerdictStamp.Software };
        var identity = new MqttIdentity
        {
            ClientId = $"{Topics.Root}-{Name}",
            Username = options.Username,
            Password = options.Password,
            Will = new MqttLastWill(Topics.Status(Name), _status.ToJson()),
        };
        _client = new FleetClient(options, counters, identity, number) { Received = OnPacket, Online = OnOnline, Offline = OnOffline };
    }

    public string Name { get; }

    /// <summary>Verdicts that the broker has not acknowledged.</summary>
    public int Unacknowledged
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>Is there until <paramref name="stop"/>, then says <c>stopped</c> and leaves.</summary>
    /// <param name="produce">No verdict is made after this.</param>
    /// <param name="stop">The end.</param>
    public Task RunAsync(CancellationToken produce, CancellationToken stop)
    {
        produce.Register(() => Volatile.Write(ref _producing, false));
        _producing = true;
        return Task.WhenAll(_client.RunAsync(stop), ConcludeAsync(produce), ShowAsync(stop));
    }

    private async Task ConcludeAsync(CancellationToken produce)
    {
        if (_options.Every == TimeSpan.Zero) return; // OnOnline and every acknowledgement make the next
        try
        {
            await Task.Delay(_options.Every * _random.NextDouble(), produce);
            using var timer = new PeriodicTimer(_options.Every);
            do
            {
                lock (_gate)
                {
                    if (_waiting.Count < MaxWaiting) Conclude();
                    else _counters.AddHeldBack();
                    Pump();
                }
            }
            while (_made < (_options.Verdicts ?? int.MaxValue) && await timer.WaitForNextTickAsync(produce));
        }
        catch (OperationCanceledException)
        {
            // The fleet has made its last verdict.
        }
    }

    private async Task ShowAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(LivePeriod * Random.Shared.NextDouble(), stop);
            using var timer = new PeriodicTimer(LivePeriod);
            for (var tick = 1; await timer.WaitForNextTickAsync(stop); tick++)
            {
                if (_options.Live && Send(Topics.Live(Name), Live().ToJson(), 0, retain: false)) _counters.AddLiveSent();
                if (tick % (int)(HealthPeriod / LivePeriod) == 0) lock (_gate) SendHealth();
            }
        }
        catch (OperationCanceledException)
        {
            // The fleet ends.
        }
    }

    /// <summary>Within the gate.</summary>
    private void Conclude()
    {
        _made++;
        _numbering = _numbering.Next();
        var verdict = _stamp.Seal(_verdicts.Next(), Guid.CreateVersion7(), TimeSpan.FromMilliseconds(5 + (20 * _random.NextDouble())), recording: null);
        var message = verdict with { Series = _numbering.Series, Sequence = _numbering.Last };
        _ledger.Make(message.Series);
        var node = _waiting.AddLast(new Waiting(message.Sequence, _latest = message.ToJson()));
        _next ??= node;
    }

    /// <summary>Sends what may be on its way now, in order. Within the gate.</summary>
    private void Pump()
    {
        while (_link is not null && _inFlight.Count < MaxInFlight)
        {
            if (_next is null && _options.Every == TimeSpan.Zero && Volatile.Read(ref _producing) && _made < (_options.Verdicts ?? int.MaxValue)) Conclude();
            if (_next is not { } node) return;
            var id = NextId();
            if (!Send(Topics.Verdict(Name), node.Value.Json, id, retain: false)) return;
            _inFlight.Add(id, node);
            _next = node.Next;
            Send(Topics.LatestVerdict(Name), node.Value.Json, NextId(), retain: true);
            _counters.AddSent(2);
        }
    }

    private void OnOnline(MqttLink link)
    {
        lock (_gate)
        {
            _link = link;
            _inFlight.Clear();
            _next = _waiting.First;
            SendStatus(DeviceStatus.Online);
            SendHealth();
            if (_latest is not null && _next is null && Send(Topics.LatestVerdict(Name), _latest, NextId(), retain: true)) _counters.AddSent();
            Pump();
        }

        _counters.AddDevice(1);
    }

    private void OnOffline()
    {
        lock (_gate)
        {
            SendStatus(DeviceStatus.Stopped);
            _link = null;
        }

        _counters.AddDevice(-1);
    }

    private void OnPacket(MqttLink link, MqttPacket packet)
    {
        if (packet.Type != MqttWire.PubAck) return;
        lock (_gate)
        {
            if (_inFlight.Remove(packet.AcknowledgedId, out var node))
            {
                _waiting.Remove(node);
                _ledger.Acknowledge(_numbering.Series, node.Value.Sequence);
            }

            Pump();
        }
    }

    /// <summary>Within the gate.</summary>
    private void SendStatus(DeviceStatus status)
    {
        if (Send(Topics.Status(Name), (_status with { Status = status, At = _clock.Now }).ToJson(), NextId(), retain: true)) _counters.AddSent();
    }

    /// <summary>Within the gate.</summary>
    private void SendHealth()
    {
        var now = _clock.Now;
        var health = new HealthMessage
        {
            Device = Name,
            Session = _status.Session,
            At = now,
            Level = PartLevel.Ok,
            Parts = new Dictionary<DevicePart, PartHealth> { [DevicePart.Broker] = new(PartLevel.Ok, "connected", null, now.Time) },
            Counters = new Dictionary<string, long>(),
            UptimeSeconds = now.MonotonicSeconds - _status.MonotonicSeconds,
            Model = Model,
            Provider = Engine.Provider.ToString(),
            Software = VerdictStamp.Software,
        };
        if (Send(Topics.Health(Name), health.ToJson(), NextId(), retain: true)) _counters.AddSent();
    }

    private LiveMessage Live() => LiveMessage.Of(
        new LiveState { LevelDb = -30 + (10 * Random.Shared.NextDouble()), Hint = ContactHint.Good, HeartRateBpm = 72, Phase = ExaminationPhase.Examining, RemainingSeconds = 15 },
        Scene.Listening,
        Name,
        _status.Session,
        _clock.Now);

    private bool Send(string topic, byte[] payload, ushort id, bool retain) =>
        _link is { } link && link.TrySend(to => MqttWire.WritePublish(to, topic, payload, id, retain));

    private ushort NextId()
    {
        do _id = _id == ushort.MaxValue ? (ushort)1 : (ushort)(_id + 1);
        while (_inFlight.ContainsKey(_id));
        return _id;
    }

    private sealed record Waiting(long Sequence, byte[] Json);
}
