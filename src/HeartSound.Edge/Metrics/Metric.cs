using System.Diagnostics.Metrics;

namespace HeartSound.Edge.Metrics;

/// <summary>One figure that the device tells about itself. Immutable.</summary>
/// <param name="Name">After OpenTelemetry's conventions: words from the general to the particular, with dots.</param>
/// <param name="Kind">What kind of figure it is.</param>
/// <param name="Unit">In UCUM's letters; what is counted stands in braces; null for a mark.</param>
/// <param name="Description">A sentence for people.</param>
internal sealed record Metric(string Name, MetricKind Kind, string? Unit, string Description)
{
    /// <summary>Each attribute's name, and which values it has: a closed set, or one that the machine bounds.</summary>
    public IReadOnlyList<(string Name, string Values)> Attributes { get; init; } = [];

    /// <summary>Upper bounds of a histogram's buckets, ascending, in <see cref="Unit"/>.</summary>
    public IReadOnlyList<double> Bounds { get; init; } = [];

    public Counter<T> CreateCounter<T>(Meter meter)
        where T : struct => meter.CreateCounter<T>(Name, Unit, Description);

    public Histogram<double> CreateHistogram(Meter meter) =>
        meter.CreateHistogram(Name, Unit, Description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });

    /// <summary>One that is asked when somebody wants to know.</summary>
    public void Observe<T>(Meter meter, Func<IEnumerable<Measurement<T>>> values)
        where T : struct
    {
        if (Kind == MetricKind.Counter) meter.CreateObservableCounter(Name, values, Unit, Description);
        else meter.CreateObservableGauge(Name, values, Unit, Description);
    }
}
