using System.Diagnostics;
using HeartSound.Benchmarks.Comparisons;
using HeartSound.Benchmarks.Kernels;
using HeartSound.Edge.Health;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Metrics;
using HeartSound.Edge.Metrics.Prometheus;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Benchmarks.Live;

/// <summary>What measuring costs a window: the pipeline with its hints, without a network, not measured, for Prometheus, and for a collector. The three take turns, so that
/// whatever else the machine does hits all; the best turn of each counts.</summary>
internal static class MetricsCost
{
    private const int Rate = 4000;
    private const int Seconds = 60;
    private const int Turns = 200;

    public static void Run()
    {
        var health = new DeviceHealth(TimeProvider.System, NullLogger<DeviceHealth>.Instance);
        using var scraped = Metrics(health);
        using var collector = new PrometheusCollector(scraped.Meter);
        using var sent = Metrics(health);
        using var export = new OtlpExport(new MetricsOptions { OtlpEndpoint = "http://127.0.0.1:9", OtlpSeconds = 3600 }, "bench", health, NullLogger<OtlpExport>.Instance);
        using var mute = new Mute();
        var sound = Sound.Make(Rate, Seconds);
        var cases = new[] { ("off", null), ("Prometheus", scraped), ("OTLP", sent) }.Select(c => (Name: c.Item1, Pipeline: Pipeline(c.Item2, mute))).ToList();
        var best = cases.ToDictionary(c => c.Name, _ => double.MaxValue);
        var scrape = double.MaxValue;
        var windows = 0.0;
        for (var turn = 0; turn < Turns; turn++)
        {
            foreach (var (name, pipeline) in cases)
            {
                var before = pipeline.Windows;
                var clock = Stopwatch.StartNew();
                for (var at = 0; at < sound.Length; at += Rate / 10) pipeline.Listen(sound.AsSpan(at, Rate / 10));
                best[name] = Math.Min(best[name], clock.Elapsed.TotalMicroseconds);
                windows = pipeline.Windows - before;
            }

            var look = Stopwatch.StartNew();
            collector.Write(isOpenMetrics: false).ToBytes();
            scrape = Math.Min(scrape, look.Elapsed.TotalMicroseconds);
        }

        var table = new Table("metrics", "a window without its network, µs", "of that without metrics");
        foreach (var (name, _) in cases) table.Add(name, $"{best[name] / windows:0.0}", $"{best[name] / best["off"]:0.000}");
        table.Write();
        Console.WriteLine($"\nOne scrape: {scrape:0} µs, on a thread of its own.");
    }

    private static DeviceMetrics Metrics(DeviceHealth health) => new(uptime => new HealthMessage
    {
        Device = "bench",
        Session = Guid.Empty,
        Level = PartLevel.Ok,
        Parts = health.Parts,
        Counters = health.Counters,
        UptimeSeconds = uptime.TotalSeconds,
        Model = null,
        Provider = null,
        Software = "1",
    }, health, new DeviceProgress(), TimeProvider.System);

    private static ListeningPipeline Pipeline(DeviceMetrics? metrics, Mute mute) =>
        new(new ModelManifest { Labels = ["normal", "abnormal"], AlarmLabels = ["abnormal"] }, mute, Rate) { Observer = metrics, HintHeard = (in _) => { } };

    private sealed class Mute : IClassifier
    {
        public OnnxProvider Provider => OnnxProvider.Cpu;

        public void Classify(ReadOnlySpan<float> features, Span<float> logits) => logits.Clear();

        public void Dispose()
        {
        }
    }
}
