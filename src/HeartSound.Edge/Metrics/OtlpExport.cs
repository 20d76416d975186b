using HeartSound.Edge.Health;
using HeartSound.Edge.Outputs;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace HeartSound.Edge.Metrics;

/// <summary>Sends the figures to an OpenTelemetry collector. One that is away is tried at every interval, for ever; said when it goes and when it comes back.</summary>
internal sealed partial class OtlpExport : IDisposable
{
    /// <summary>How long one message may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly MeterProvider _provider;
    private readonly Uri _endpoint;
    private readonly DeviceHealth _health;
    private readonly ILogger _log;
    private volatile bool _isLeaving;
    private bool? _isThere;

    /// <param name="options">With an endpoint.</param>
    /// <param name="device">Name of the device.</param>
    /// <param name="health">Counts <c>metricsFailures</c>.</param>
    /// <param name="log">Where trouble is said.</param>
    public OtlpExport(MetricsOptions options, string device, DeviceHealth health, ILogger<OtlpExport> log)
    {
        _health = health;
        _log = log;
        _endpoint = Endpoint(options);
        var interval = TimeSpan.FromSeconds(options.OtlpSeconds);
        var exporter = new OtlpMetricExporter(new OtlpExporterOptions
        {
            Endpoint = _endpoint,
            Protocol = options.OtlpProtocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = (int)Patience.TotalMilliseconds,
        });
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService("heartsound", serviceVersion: VerdictStamp.Software, autoGenerateServiceInstanceId: false, serviceInstanceId: device))
            .AddMeter(DeviceMetrics.MeterName)
            .AddReader(new OtlpReader(exporter, interval, Patience < interval ? Patience : interval, OnSent))
            .Build();
    }

    /// <summary>How long the end may wait for the collector. Default: 1 s, for a person waits too.</summary>
    public TimeSpan Goodbye { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Sends once more what there is, if the collector answers soon.</summary>
    public void Dispose()
    {
        _isLeaving = true;
        _provider.Shutdown((int)Goodbye.TotalMilliseconds);
        _provider.Dispose();
    }

    /// <summary>By HTTP, a bare address gets the path that collectors have.</summary>
    internal static Uri Endpoint(MetricsOptions options)
    {
        var endpoint = new Uri(options.OtlpEndpoint!);
        return options.OtlpProtocol == OtlpProtocol.HttpProtobuf && endpoint.AbsolutePath == "/" ? new Uri(endpoint, "v1/metrics") : endpoint;
    }

    private void OnSent(bool isSent)
    {
        if (!isSent) _health.Count("metricsFailures");
        if (isSent == _isThere || _isLeaving) return;
        _isThere = isSent;
        if (isSent) LogSent(_endpoint);
        else LogNotSent(_endpoint);
    }

    [LoggerMessage(3255, LogLevel.Information, "Metrics go to the collector {Endpoint}")]
    private partial void LogSent(Uri endpoint);

    [LoggerMessage(3256, LogLevel.Warning, "Metrics do not arrive at the collector {Endpoint}; tried again for ever")]
    private partial void LogNotSent(Uri endpoint);
}
