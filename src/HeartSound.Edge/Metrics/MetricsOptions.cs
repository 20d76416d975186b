using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Metrics;

/// <summary>Who may ask the device for figures about itself, and whom it tells. Off by default: then nothing is measured.</summary>
public sealed record MetricsOptions
{
    [Description("Port on 127.0.0.1 where Prometheus finds the figures, under /metrics; 0 for any free one, which the log names. Without it there is none.")]
    [Range(0, 65535)]
    public int? PrometheusPort { get; init; }

    [Description("OpenTelemetry collector that the figures are sent to, such as http://127.0.0.1:4318. Without it none are sent.")]
    [RegularExpression(@"^https?://[^\s/?#@]+(/[^\s?#@]*)?$", ErrorMessage = "http:// or https://, a host, perhaps a port and a path, and no user")]
    public string? OtlpEndpoint { get; init; }

    [Description("How the collector is spoken to: by HTTP (port 4318 by custom; v1/metrics is added to a bare address) or by gRPC (4317).")]
    public OtlpProtocol OtlpProtocol { get; init; } = OtlpProtocol.HttpProtobuf;

    [Description("How often the figures are sent to the collector, in seconds.")]
    [Range(1, 3600)]
    public int OtlpSeconds { get; init; } = 60;
}

/// <summary>How an OpenTelemetry collector is spoken to.</summary>
public enum OtlpProtocol
{
    HttpProtobuf,
    Grpc,
}
