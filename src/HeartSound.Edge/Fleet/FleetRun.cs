using System.Diagnostics;
using System.Globalization;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Fleet;

/// <summary>A simulated fleet from its first device to the report.</summary>
internal sealed class FleetRun(FleetOptions options, Action<string> say)
{
    /// <summary>What an interrupted fleet has left to see its last verdicts arrive; the program may take 10 s in all to end.</summary>
    private static readonly TimeSpan InterruptedDrain = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan SubscribePatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(5);

    private readonly FleetCounters _counters = new();
    private readonly DeliveryLedger _ledger = new();
    private readonly DeviceClock _clock = new(TimeProvider.System);
    private readonly ProcessWatch _self = new(Environment.ProcessId);
    private readonly List<ProcessWatch> _brokers = [.. options.BrokerProcesses.Select(p => new ProcessWatch(p))];
    private readonly Stopwatch _sinceSaid = Stopwatch.StartNew();
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();

    /// <summary>Runs it all. Interrupting makes it stop early, and report all the same.</summary>
    /// <exception cref="IOException">The consumers cannot subscribe.</exception>
    public async Task<FleetReport> RunAsync(CancellationToken interrupt)
    {
        using var produce = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        using var devicesEnd = new CancellationTokenSource();
        using var consumersEnd = new CancellationTokenSource();
        using var giveUp = new CancellationTokenSource();
        await using var interrupted = interrupt.Register(() => giveUp.CancelAfter(InterruptedDrain));

        // Step 1: whoever listens is there first.
        var consumers = Enumerable.Range(0, options.Consume == Consumption.None ? 0 : options.Consumers).Select(i => new FleetConsumer(i, options, _counters, _ledger, _clock)).ToArray();
        var consuming = Task.WhenAll(consumers.Select(c => c.RunAsync(consumersEnd.Token)));
        try
        {
            await Task.WhenAll(consumers.Select(c => c.Subscribed)).WaitAsync(SubscribePatience, interrupt);
        }
        catch (TimeoutException e)
        {
            throw new IOException($"the consumers could not subscribe: {_counters.LastFailure}", e);
        }

        // Step 2: the devices, one after the other.
        var devices = Enumerable.Range(0, options.Devices).Select(i => new SimulatedDevice(i, options, _counters, _ledger, _clock)).ToArray();
        var running = new List<Task>(devices.Length);
        for (var i = 0; i < devices.Length && !interrupt.IsCancellationRequested; i++)
        {
            await WaitUntil(() => _sinceStart.Elapsed >= options.Ramp * i / devices.Length, Timeout.InfiniteTimeSpan, interrupt);
            running.Add(devices[i].RunAsync(produce.Token, devicesEnd.Token));
        }

        // Step 3: at work.
        var (start, sent, received, arrived) = (Stopwatch.GetTimestamp(), _counters.Sent, _counters.Received, _ledger.Count().Arrived);
        bool AllMade() => options.Verdicts is { } each && _ledger.Count().Made >= (long)each * options.Devices;
        await WaitUntil(AllMade, options.Duration, interrupt);
        await produce.CancelAsync();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        (sent, received, arrived) = (_counters.Sent - sent, _counters.Received - received, _ledger.Count().Arrived - arrived);

        // Step 4: what is on its way arrives.
        start = Stopwatch.GetTimestamp();
        await WaitUntil(() => _ledger.Count() is var c && c.Acknowledged == c.Made && (consumers.Length == 0 || c.Arrived == c.Made), options.Drain, giveUp.Token);
        var drain = Stopwatch.GetElapsedTime(start).TotalSeconds;

        // Step 5: everybody takes leave.
        await devicesEnd.CancelAsync();
        await Task.WhenAll(running);
        await consumersEnd.CancelAsync();
        await consuming;

        var verdicts = _ledger.Count();
        return new FleetReport
        {
            Devices = options.Devices,
            Consumers = consumers.Length,
            EverySeconds = options.Every.TotalSeconds,
            Seconds = seconds,
            DrainSeconds = drain,
            Verdicts = consumers.Length > 0 ? verdicts : verdicts with { Lost = 0 },
            Shares = [.. consumers.Select(c => c.Taken)],
            HeldBack = _counters.HeldBack,
            SentPerSecond = sent / seconds,
            VerdictsPerSecond = arrived / seconds,
            ReceivedPerSecond = received / seconds,
            Latency = LatencyReport.Of(_counters.Latency),
            LiveLatency = LatencyReport.Of(_counters.LiveLatency),
            LiveSent = _counters.LiveSent,
            LiveReceived = _counters.LiveReceived,
            Connects = _counters.Connects,
            Failures = _counters.Failures,
            LastFailure = _counters.LastFailure,
            Simulator = _self.Report(),
            Brokers = [.. _brokers.Select(b => b.Report())],
            LoadAverage = double.Parse((await File.ReadAllTextAsync("/proc/loadavg", CancellationToken.None)).Split(' ')[0], CultureInfo.InvariantCulture),
        };
    }

    private async Task WaitUntil(Func<bool> condition, TimeSpan patience, CancellationToken interrupt)
    {
        var since = Stopwatch.GetTimestamp();
        while (!condition() && (patience < TimeSpan.Zero || Stopwatch.GetElapsedTime(since) < patience) && !interrupt.IsCancellationRequested)
        {
            await Task.Delay(Look, interrupt).ContinueWith(_ => { }, TaskScheduler.Default);
            _self.Look();
            foreach (var broker in _brokers) broker.Look();
            if (_sinceSaid.Elapsed < SayEvery) continue;
            _sinceSaid.Restart();
            Say();
        }
    }

    private void Say()
    {
        var verdicts = _ledger.Count();
        var p99 = _counters.Latency.Quantile(0.99) is { } ms ? FormattableString.Invariant($", p99 {ms:0.#} ms") : "";
        say(FormattableString.Invariant($"{_sinceStart.Elapsed.TotalSeconds,5:0} s: {_counters.Connected} of {options.Devices} devices connected; verdicts: {verdicts.Made} made, {verdicts.Acknowledged} acknowledged, {verdicts.Arrived} arrived{p99}"));
    }
}
