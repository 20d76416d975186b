using System.Runtime.CompilerServices;
using HeartSound.Edge.Health;
using HeartSound.Edge.Metrics.Prometheus;
using HeartSound.Edge.Outputs;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Metrics;

/// <summary>The figures and the ways they leave the device, as the settings ask for them. Where they ask for none there is none, and no library for it is loaded.</summary>
internal sealed class MetricsOutput : IDisposable
{
    private readonly List<IDisposable> _ways = []; // in the order of their making

    private MetricsOutput(DeviceMetrics device) => Device = device;

    public DeviceMetrics Device { get; }

    /// <summary>Null when nobody wants figures.</summary>
    /// <param name="options">Valid.</param>
    /// <param name="name">Of the device.</param>
    /// <param name="facts">How the device is, so long after the start; may be asked from any thread.</param>
    /// <param name="health">How its parts are.</param>
    /// <param name="progress">What it has got done.</param>
    /// <param name="logs">Where everything is said.</param>
    public static MetricsOutput? Start(MetricsOptions options, string name, Func<TimeSpan, HealthMessage> facts, DeviceHealth health, DeviceProgress progress, ILoggerFactory logs)
    {
        if (options is { PrometheusPort: null, OtlpEndpoint: null }) return null;
        var output = new MetricsOutput(new DeviceMetrics(facts, health, progress, TimeProvider.System));
        output._ways.Add(output.Device);
        if (options.PrometheusPort is { } port) output.Offer(port, name, health, logs);
        if (options.OtlpEndpoint is not null) output.Send(options, name, health, logs);
        output.Device.Begin();
        return output;
    }

    public void Dispose()
    {
        foreach (var way in Enumerable.Reverse(_ways)) way.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // so that its libraries are loaded where it is called
    private void Offer(int port, string name, DeviceHealth health, ILoggerFactory logs)
    {
        var collector = new PrometheusCollector(Device.Meter, new("service.name", "heartsound"), new("service.instance.id", name), new("service.version", VerdictStamp.Software));
        _ways.Add(collector);
        _ways.Add(new PrometheusServer(collector, port, health, logs.CreateLogger<PrometheusServer>()));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Send(MetricsOptions options, string name, DeviceHealth health, ILoggerFactory logs) => _ways.Add(new OtlpExport(options, name, health, logs.CreateLogger<OtlpExport>()));
}
