using System.Diagnostics;
using System.Diagnostics.Metrics;
using HeartSound.Edge.Health;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Metrics;

/// <summary>
/// What the device measures of itself. What happens is counted where it happens, on whichever thread, without allocating; what merely is, is asked for when somebody looks
/// (<see cref="DeviceGauges"/>). Thread-safe. There is none where nobody wants figures.
/// </summary>
internal sealed class DeviceMetrics : IPipelineObserver, IDisposable
{
    public const string MeterName = "HeartSound.Edge";

    private static readonly KeyValuePair<string, object?>[] Stages = MetricWords.Tags<PipelineStage>("stage");
    private static readonly KeyValuePair<string, object?> Store = new("stage", MetricWords.Store), Publish = new("stage", MetricWords.Publish);
    private static readonly KeyValuePair<string, object?> Accepted = new("accepted", "true"), Rejected = new("accepted", "false");
    private static readonly KeyValuePair<string, object?>[] QualityReasons = MetricWords.Tags<QualityReason>("reason");
    private static readonly KeyValuePair<string, object?>[] InconclusiveReasons = MetricWords.Tags<InconclusiveReason>("reason");
    private static readonly KeyValuePair<string, object?> NoReason = new("reason", MetricWords.None);
    private static readonly KeyValuePair<string, object?> Normal = new("kind", "normal"), Alarm = new("kind", "alarm"), Inconclusive = new("kind", "inconclusive");

    private readonly AwaitedVerdicts _awaited = new();
    private readonly DeviceGauges _gauges;
    private readonly Histogram<double> _stage, _latency, _delivery;
    private readonly Counter<long> _windows, _verdicts;
    private readonly Counter<double> _lost;

    /// <param name="facts">How the device is; may be asked from any thread.</param>
    /// <param name="health">How its parts are.</param>
    /// <param name="progress">What it has got done.</param>
    /// <param name="time">How old <paramref name="facts"/> may be.</param>
    public DeviceMetrics(Func<TimeSpan, HealthMessage> facts, DeviceHealth health, DeviceProgress progress, TimeProvider time)
    {
        Meter = new Meter(MeterName, VerdictStamp.Software);
        _stage = MetricCatalog.StageDuration.CreateHistogram(Meter);
        _windows = MetricCatalog.Windows.CreateCounter<long>(Meter);
        _verdicts = MetricCatalog.Verdicts.CreateCounter<long>(Meter);
        _latency = MetricCatalog.VerdictLatency.CreateHistogram(Meter);
        _delivery = MetricCatalog.DeliveryLatency.CreateHistogram(Meter);
        _lost = MetricCatalog.SoundLost.CreateCounter<double>(Meter);
        _gauges = new DeviceGauges(Meter, facts, health, progress, time);
    }

    public Meter Meter { get; }

    /// <summary>Tells zero of all that can be counted, to those who listen by now: the first of something is then seen as one more, and not as something new.</summary>
    public void Begin()
    {
        foreach (var reason in Enum.GetValues<QualityReason>()) Count(reason, 0);
        _verdicts.Add(0, Normal, NoReason);
        _verdicts.Add(0, Alarm, NoReason);
        foreach (var reason in InconclusiveReasons) _verdicts.Add(0, Inconclusive, reason);
        _lost.Add(0);
    }

    public void Took(PipelineStage stage, long stopwatchTicks) => _stage.Record(Seconds(stopwatchTicks), Stages[(int)stage]);

    public void WindowJudged(QualityReason reason) => Count(reason, 1);

    /// <summary>Sound is missing in the stream.</summary>
    public void Lost(long samples, int sampleRateHz) => _lost.Add((double)samples / sampleRateHz);

    /// <summary>A verdict was given.</summary>
    /// <param name="verdict">What it says.</param>
    /// <param name="heardAt">When its last sample was heard, in ticks of <see cref="Stopwatch"/>.</param>
    public void Concluded(VerdictMessage verdict, long heardAt)
    {
        if (verdict.Reason is { } reason) _verdicts.Add(1, Inconclusive, InconclusiveReasons[(int)reason]);
        else _verdicts.Add(1, verdict.Alarm == true ? Alarm : Normal, NoReason);
        _latency.Record(verdict.LatencyMs / 1000);
        _awaited.Add(verdict.Id, heardAt);
    }

    /// <summary>The broker has a verdict. One of an earlier run, or that was told already, is passed over.</summary>
    public void Acknowledged(Guid verdict)
    {
        if (_awaited.Take(verdict) is { } heardAt) _delivery.Record(Stopwatch.GetElapsedTime(heardAt).TotalSeconds);
    }

    /// <summary>The same sinks, timed; the broker says what has arrived.</summary>
    public IReadOnlyList<IVerdictSink> Timed(IReadOnlyList<IVerdictSink> sinks)
    {
        foreach (var broker in sinks.OfType<MqttVerdictSink>()) broker.VerdictAcknowledged = Acknowledged;
        return [.. sinks.Select(s => new TimedSink(s, ticks => _stage.Record(Seconds(ticks), Publish)))];
    }

    /// <summary>The same keeper of verdicts, timed.</summary>
    public Func<VerdictMessage, VerdictMessage>? Timed(Func<VerdictMessage, VerdictMessage>? store) => store is null ? null : verdict =>
    {
        var start = Stopwatch.GetTimestamp();
        var stored = store(verdict);
        _stage.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, Store);
        return stored;
    };

    /// <summary>Tells what this queue drops.</summary>
    public void Watch(VerdictDispatcher sinks) => _gauges.Sinks = sinks;

    public void Dispose()
    {
        _gauges.Dispose();
        Meter.Dispose();
    }

    private static double Seconds(long stopwatchTicks) => (double)stopwatchTicks / Stopwatch.Frequency;

    private void Count(QualityReason reason, long windows) => _windows.Add(windows, reason == QualityReason.Good ? Accepted : Rejected, QualityReasons[(int)reason]);
}
