using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace HeartSound.Edge.Metrics;

/// <summary>Sends at every interval, on OpenTelemetry's own thread, and tells each time how it went. What could not be sent is not kept: the next message has the sums of all.</summary>
internal sealed class OtlpReader(BaseExporter<OpenTelemetry.Metrics.Metric> exporter, TimeSpan interval, TimeSpan timeout, Action<bool> sent)
    : PeriodicExportingMetricReader(exporter, (int)interval.TotalMilliseconds, (int)timeout.TotalMilliseconds)
{
    protected override bool OnCollect(int timeoutMilliseconds)
    {
        var isSent = base.OnCollect(timeoutMilliseconds);
        sent(isSent);
        return isSent;
    }
}
