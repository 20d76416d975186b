using HeartSound.Edge.Health;
using HeartSound.Edge.Metrics;
using HeartSound.Edge.Records;

namespace HeartSound.Edge.Hosting;

/// <summary>Who watches a device at work.</summary>
/// <param name="Activity">What it is doing, for lights and messages.</param>
/// <param name="Health">What was counted.</param>
/// <param name="Progress">Food of the watchdog.</param>
/// <param name="Recorder">Keeps the sound of examinations; null when nobody asked for that.</param>
public sealed record DeviceMonitor(DeviceActivity Activity, DeviceHealth Health, DeviceProgress Progress, ExaminationRecorder? Recorder)
{
    /// <summary>What it measures of itself; null where nobody wants figures.</summary>
    internal DeviceMetrics? Metrics { get; init; }
}
