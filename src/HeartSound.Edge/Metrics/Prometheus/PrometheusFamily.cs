using System.Diagnostics.Metrics;

namespace HeartSound.Edge.Metrics.Prometheus;

/// <summary>All that was told of one instrument. Thread-safe; allocates only for a new set of attributes, of which there are at most <see cref="MaxSeries"/>.</summary>
internal sealed class PrometheusFamily
{
    /// <summary>No instrument here has half as many; a mistake must not fill the memory.</summary>
    public const int MaxSeries = 100;

    private readonly Lock _gate = new();
    private readonly List<PrometheusSeries> _series = [];
    private readonly IReadOnlyList<double> _bounds;
    private readonly bool _isAsked;
    private long _look;

    public PrometheusFamily(Instrument instrument)
    {
        Kind = instrument switch
        {
            Histogram<double> => MetricKind.Histogram,
            Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> => MetricKind.Counter,
            _ => MetricKind.Gauge,
        };
        Name = PrometheusName.Of(instrument.Name, instrument.Unit);
        Unit = PrometheusName.Word(instrument.Unit);
        Help = instrument.Description ?? "";
        _isAsked = instrument.IsObservable;
        _bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? [];
    }

    public MetricKind Kind { get; }

    /// <summary>With its unit, without the <c>_total</c> of a counter's samples.</summary>
    public string Name { get; }

    public string Unit { get; }

    public string Help { get; }

    /// <summary>Told of a value, on whichever thread.</summary>
    public void Tell(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            if (Find(tags) is not { } series) return;
            series.ToldAt = _look;
            if (_isAsked) series.Value = value;
            else series.Value += value;
            if (Kind == MetricKind.Histogram) series.Buckets[Bucket(value)]++;
        }
    }

    /// <summary>Somebody is about to ask.</summary>
    public void BeginLook()
    {
        lock (_gate) _look++;
    }

    public void WriteTo(PrometheusText text)
    {
        lock (_gate)
        {
            if (_isAsked) _series.RemoveAll(s => s.ToldAt != _look);
            if (_series.Count == 0) return;
            text.Begin(this);
            foreach (var series in _series)
            {
                if (Kind == MetricKind.Histogram) text.Histogram(Name, series.Labels, _bounds, series.Buckets, series.Value);
                else text.Sample(Kind == MetricKind.Counter ? Name + "_total" : Name, series.Labels, series.Value);
            }
        }
    }

    private PrometheusSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in _series)
        {
            if (series.Is(tags)) return series;
        }

        if (_series.Count >= MaxSeries) return null;
        var made = new PrometheusSeries(tags, Kind == MetricKind.Histogram ? _bounds.Count + 1 : 0);
        _series.Add(made);
        return made;
    }

    // A bucket holds what is at most its bound.
    private int Bucket(double value)
    {
        var bucket = 0;
        while (bucket < _bounds.Count && value > _bounds[bucket]) bucket++;
        return bucket;
    }
}
