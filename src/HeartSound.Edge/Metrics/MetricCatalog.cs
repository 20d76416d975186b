using HeartSound.Edge.Health;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;
using static HeartSound.Edge.Metrics.MetricKind;

namespace HeartSound.Edge.Metrics;

/// <summary>Every figure that the device tells: the instruments, <c>docs/metrics.md</c> and the alert rules all go by this list.</summary>
internal static class MetricCatalog
{
    /// <summary>A window's work takes 1 to 200 ms; a device that needs seconds is too slow.</summary>
    private static readonly double[] Work = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    /// <summary>An acknowledgement takes milliseconds, or as long as the broker is away.</summary>
    private static readonly double[] Delivery = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 120, 600, 3600, 21600, 86400];

    public static readonly Metric StageDuration = new("heartsound.stage.duration", Histogram, "s", "Time that one step takes, for each window; hint: four times a second; verdict and store: for each verdict; publish: for each output of a verdict.")
    {
        Attributes = [("stage", Names(Enum.GetValues<PipelineStage>().Select(MetricWords.Of).Append(MetricWords.Store).Append(MetricWords.Publish)))],
        Bounds = [0.00001, 0.0001, .. Work],
    };

    public static readonly Metric Windows = new("heartsound.window.count", Counter, "{window}", "Windows that were judged, by whether they count and why not.")
    {
        Attributes = [("accepted", "`true`, `false`"), ("reason", Names(Enum.GetValues<QualityReason>().Select(MetricWords.Of)))],
    };

    public static readonly Metric Verdicts = new("heartsound.verdict.count", Counter, "{verdict}", "Verdicts that were given, by what they say and, where inconclusive, why.")
    {
        Attributes = [("kind", "`normal`, `alarm`, `inconclusive`"), ("reason", Names(Enum.GetValues<InconclusiveReason>().Select(MetricWords.Of).Prepend(MetricWords.None)))],
    };

    public static readonly Metric VerdictLatency = new("heartsound.verdict.latency", Histogram, "s", "Time from the last sample of an examination to its verdict.") { Bounds = Work };

    public static readonly Metric DeliveryLatency = new("heartsound.verdict.delivery.latency", Histogram, "s", "Time from the last sample of an examination until the broker has acknowledged its verdict; verdicts of this run only.")
    {
        Bounds = Delivery,
    };

    public static readonly Metric Dropped = new("heartsound.verdict.dropped", Counter, "{verdict}", "Verdicts that were lost on the device, by where.")
    {
        Attributes = [("at", "`queue` (full), `sink` (failed), `outbox` (too old or too much)")],
    };

    public static readonly Metric QueueDepth = new("heartsound.queue.depth", Gauge, "{verdict}", "Verdicts that wait.")
    {
        Attributes = [("queue", "`sinks` (on their way to the outputs), `outbox` (for the broker)")],
    };

    public static readonly Metric OutboxSize = new("heartsound.outbox.size", Gauge, "By", "Room that waiting verdicts take on the disk.");
    public static readonly Metric OutboxAge = new("heartsound.outbox.age", Gauge, "s", "Age of the oldest verdict that waits for the broker; 0 when none does.");
    public static readonly Metric Captured = new("heartsound.capture.samples", Counter, "{sample}", "Samples that came from the stethoscope.");
    public static readonly Metric CaptureLost = new("heartsound.capture.lost", Counter, "{sample}", "Samples that the sound card or the machine lost.");
    public static readonly Metric Overruns = new("heartsound.capture.overruns", Counter, "{overrun}", "Times that sound came faster than it was taken from the sound card.");
    public static readonly Metric SoundLost = new("heartsound.sound.lost", Counter, "s", "Sound that the pipeline never heard: lost by the card, because the machine was too slow, or because it was too hot.");

    public static readonly Metric Reconnects = new("heartsound.reconnect.count", Counter, "{reconnect}", "Times that something was there again after it had been away.")
    {
        Attributes = [("to", "`stethoscope`, `broker`")],
    };

    public static readonly Metric Events = new("heartsound.event.count", Counter, "{event}", "Whatever else the device counts in its health message.")
    {
        Attributes = [("event", "names of `counters` in [health](mqtt/health.schema.json)")],
    };

    public static readonly Metric HealthLevel = new("heartsound.health.level", Gauge, null, "How well each part is: 0 well, 1 degraded, 2 failed.")
    {
        Attributes = [("part", Names(Enum.GetValues<DevicePart>().Select(MetricWords.Of)))],
    };

    public static readonly Metric Temperature = new("heartsound.temperature", Gauge, "Cel", "Temperature of each zone of the machine.") { Attributes = [("zone", "the kernel's names")] };
    public static readonly Metric ClockSynced = new("heartsound.clock.synchronized", Gauge, null, "Whether the wall clock can be believed: 1 or 0; absent where the device does not know.");

    public static readonly Metric Model = new("heartsound.model.info", Gauge, null, "Always 1: which model speaks, and what really runs it.")
    {
        Attributes = [("model", "its id"), ("version", "its version"), ("provider", "`Cpu`, `Cuda`, `TensorRt`")],
    };

    public static readonly Metric Memory = new("process.memory.usage", Gauge, "By", "Memory of the program that is in use (resident).");
    public static readonly Metric Processor = new("process.cpu.time", Counter, "s", "Processor time of the program.");
    public static readonly Metric Uptime = new("process.uptime", Gauge, "s", "Time since the program began to measure.");

    public static IReadOnlyList<Metric> All { get; } =
    [
        StageDuration, Windows, Verdicts, VerdictLatency, DeliveryLatency, Dropped, QueueDepth, OutboxSize, OutboxAge, Captured, CaptureLost, Overruns, SoundLost, Reconnects, Events,
        HealthLevel, Temperature, ClockSynced, Model, Memory, Processor, Uptime,
    ];

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"`{n}`"));
}
