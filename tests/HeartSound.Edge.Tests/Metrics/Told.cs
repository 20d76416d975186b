using System.Text;
using HeartSound.Edge.Health;
using HeartSound.Edge.Metrics;
using HeartSound.Edge.Metrics.Prometheus;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Delivery;
using HeartSound.Edge.Hosting.Heat;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Metrics;

/// <summary>A device's metrics, and what Prometheus would read of them.</summary>
internal sealed class Told : IDisposable
{
    private readonly PrometheusCollector _collector;

    public Told()
    {
        Device = new DeviceMetrics(Facts, Health, Progress, Time);
        _collector = new PrometheusCollector(Device.Meter, new KeyValuePair<string, object?>("service.name", "heartsound"));
    }

    public DeviceHealth Health { get; } = new(TimeProvider.System, NullLogger<DeviceHealth>.Instance);
    public DeviceProgress Progress { get; } = new();
    public ManualTime Time { get; } = new();
    public DeviceMetrics Device { get; }
    public HeatReading? Heat { get; set; }
    public OutboxPart? Outbox { get; set; }
    public ModelPart? Model { get; set; }
    public bool? ClockSynced { get; set; }
    public int Asked { get; private set; }

    /// <summary>The value of each sample, by its name and labels as they are written.</summary>
    public Dictionary<string, double> Samples() => Text().Split('\n').Where(l => l.Length > 0 && l[0] != '#')
        .ToDictionary(l => l[..l.LastIndexOf(' ')], l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    public string Text(bool isOpenMetrics = false)
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        return Encoding.UTF8.GetString(_collector.Write(isOpenMetrics).ToBytes());
    }

    public void Dispose()
    {
        _collector.Dispose();
        Device.Dispose();
    }

    private HealthMessage Facts(TimeSpan uptime)
    {
        Asked++;
        return new()
        {
            Device = "test",
            Session = Guid.Empty,
            At = new Moment(DateTimeOffset.UnixEpoch, 1, Guid.Empty, ClockSynced),
            Level = Health.Level,
            Parts = Health.Parts,
            Counters = Health.Counters,
            UptimeSeconds = uptime.TotalSeconds,
            Model = Model,
            Provider = Model is null ? null : "Cpu",
            Heat = Heat,
            Outbox = Outbox,
            Software = "1",
        };
    }
}
