using System.Diagnostics.Metrics;

namespace HeartSound.Edge.Metrics.Prometheus;

/// <summary>Listens to one meter and sums up what it tells, until somebody asks. Thread-safe.</summary>
internal sealed class PrometheusCollector : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<PrometheusFamily> _families = [];
    private readonly MeterListener _listener = new();
    private readonly string _target;

    /// <param name="meter">Stays the caller's.</param>
    /// <param name="target">Who speaks: attributes of <c>target_info</c>.</param>
    public PrometheusCollector(Meter meter, params ReadOnlySpan<KeyValuePair<string, object?>> target)
    {
        _target = PrometheusText.Labels(target);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter != meter) return;
            var family = new PrometheusFamily(instrument);
            lock (_gate) _families.Add(family);
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((PrometheusFamily)family!).Tell(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((PrometheusFamily)family!).Tell(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((PrometheusFamily)family!).Tell(value, tags));
        _listener.Start();
    }

    /// <summary>Everything, now.</summary>
    public PrometheusText Write(bool isOpenMetrics)
    {
        lock (_gate) // one look at a time
        {
            foreach (var family in _families) family.BeginLook();
            _listener.RecordObservableInstruments();
            var text = new PrometheusText(isOpenMetrics);
            text.Target(_target);
            foreach (var family in _families) family.WriteTo(text);
            return text;
        }
    }

    public void Dispose() => _listener.Dispose();
}
