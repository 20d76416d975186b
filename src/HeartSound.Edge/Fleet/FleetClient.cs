namespace HeartSound.Edge.Fleet;

/// <summary>A client that is connected to one of the brokers for as long as it runs: when a connection fails or ends, it goes to the next, after a wait that grows.</summary>
internal sealed class FleetClient(FleetOptions options, FleetCounters counters, MqttIdentity identity, int number)
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <summary>Whether the broker forgets this client when its connection ends.</summary>
    public bool CleanSession { get; init; } = true;

    /// <summary>Is given every packet that comes; must return soon.</summary>
    public required MqttLink.PacketHandler Received { get; init; }

    /// <summary>There is a connection.</summary>
    public required Action<MqttLink> Online { get; init; }

    /// <summary>It has ended; of a clean end this is told before leave is taken, so that something may still be said.</summary>
    public required Action Offline { get; init; }

    /// <summary>Until stopped; then takes leave.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var delay = FirstDelay;
        for (var turn = number; !stop.IsCancellationRequested; turn++)
        {
            try
            {
                using var link = await ConnectAsync(turn, CleanSession, stop);
                counters.AddConnect();
                delay = FirstDelay;
                Online(link);
                var end = await Task.WhenAny(link.End, Task.Delay(Timeout.Infinite, stop));
                Offline();
                if (end != link.End)
                {
                    await link.LeaveAsync();
                    return;
                }

                counters.AddFailure($"{Broker(turn)}: {await link.End}");
            }
            catch (IOException e)
            {
                counters.AddFailure($"{Broker(turn)}: {e.Message}");
            }
            catch (OperationCanceledException)
            {
                return;
            }

            // Not all at once, where a broker has lost them all at once.
            await Task.Delay(delay * (0.5 + Random.Shared.NextDouble()), stop).ContinueWith(_ => { }, TaskScheduler.Default);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    /// <summary>Has the broker forget what it keeps for this client; any of its nodes will do.</summary>
    public async Task ForgetAsync()
    {
        for (var turn = number; turn < number + options.Brokers.Count; turn++)
        {
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                using var link = await ConnectAsync(turn, cleanSession: true, patience.Token);
                await link.LeaveAsync();
                return;
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                counters.AddFailure($"{Broker(turn)}: the session of {identity.ClientId} stays: {e.Message}");
            }
        }
    }

    private Task<MqttLink> ConnectAsync(int turn, bool cleanSession, CancellationToken stop) =>
        MqttLink.ConnectAsync(Broker(turn), identity, cleanSession, KeepAlive, Received, stop);

    private BrokerEndpoint Broker(int turn) => options.Brokers[turn % options.Brokers.Count];
}
