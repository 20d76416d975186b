namespace HeartSound.Edge.Fleet;

/// <summary>What a simulated fleet found. Times in milliseconds, memory in bytes. Immutable.</summary>
internal sealed record FleetReport
{
    public required int Devices { get; init; }
    public required int Consumers { get; init; }

    /// <summary>Seconds from one verdict of a device to its next; 0 for as fast as the broker acknowledges them.</summary>
    public required double EverySeconds { get; init; }

    /// <summary>From the moment when all devices had started to the last verdict that was made.</summary>
    public required double Seconds { get; init; }

    /// <summary>From the last verdict made until all had arrived, or it was given up.</summary>
    public required double DrainSeconds { get; init; }

    public required DeliveryCount Verdicts { get; init; }

    /// <summary>Verdicts that came to each consumer.</summary>
    public required IReadOnlyList<long> Shares { get; init; }

    /// <summary>Verdicts that were not made because too many of the device's waited.</summary>
    public required long HeldBack { get; init; }

    /// <summary>Within <see cref="Seconds"/>: messages of all kinds that devices sent, a second.</summary>
    public required double SentPerSecond { get; init; }

    /// <summary>Within <see cref="Seconds"/>: verdicts that arrived, a second.</summary>
    public required double VerdictsPerSecond { get; init; }

    /// <summary>Within <see cref="Seconds"/>: messages of all kinds that consumers got, a second.</summary>
    public required double ReceivedPerSecond { get; init; }

    /// <summary>From a verdict's making to its first arrival; null without consumer.</summary>
    public required LatencyReport? Latency { get; init; }

    /// <summary>The same of what is heard right now; null when nobody asked for it.</summary>
    public required LatencyReport? LiveLatency { get; init; }

    public required long LiveSent { get; init; }
    public required long LiveReceived { get; init; }

    /// <summary>Times that a broker took a client, consumers included.</summary>
    public required long Connects { get; init; }

    /// <summary>Attempts that failed, and connections that ended by themselves.</summary>
    public required long Failures { get; init; }
    public required string? LastFailure { get; init; }

    /// <summary>This process.</summary>
    public required ProcessReport Simulator { get; init; }

    public required IReadOnlyList<ProcessReport> Brokers { get; init; }

    /// <summary>Of the machine, at the end: how many wanted to run, on average of the last minute. Figures are worth what this allows.</summary>
    public required double LoadAverage { get; init; }

    /// <summary>Every verdict was acknowledged and has arrived.</summary>
    public bool IsWhole => Verdicts.Acknowledged == Verdicts.Made && Verdicts.Lost == 0;
}

/// <summary>How long messages took, in milliseconds.</summary>
internal sealed record LatencyReport(double P50, double P95, double P99, double Max)
{
    /// <summary>Null when there was no message.</summary>
    public static LatencyReport? Of(LatencyHistogram histogram) => histogram.Quantile(1) is not { } max ? null
        : new LatencyReport(histogram.Quantile(0.5)!.Value, histogram.Quantile(0.95)!.Value, histogram.Quantile(0.99)!.Value, max);
}

/// <summary>What a process took.</summary>
/// <param name="Process">Its number.</param>
/// <param name="PeakBytes">The most memory that was seen.</param>
/// <param name="Cores">Processor time a second, on average.</param>
internal sealed record ProcessReport(int Process, long PeakBytes, double Cores);
