using System.Diagnostics;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Benchmarks.Live;

/// <summary>
/// How long the real service takes from the sound that completes a window, or an examination, to the network's answer, or to the sinks: all threads, ring and queue as on the
/// device, sound in real time. The hop is 0.25 s, so that a minute gives 220 windows; nothing else differs.
/// </summary>
internal sealed record LiveLatency(IReadOnlyList<double> InferenceMs, IReadOnlyList<double> WindowMs, IReadOnlyList<double> VerdictMs)
{
    private const int SampleRateHz = 4000;
    private const double HopSeconds = 0.25;
    private const double ExaminationSeconds = 5.25; // two windows each

    /// <summary>Listens twice for <paramref name="seconds"/>: once through, once cut into examinations.</summary>
    public static LiveLatency Measure(ModelBundle model, double seconds)
    {
        var manifest = model.Manifest with { FrontEnd = model.Manifest.FrontEnd with { WindowHopSeconds = HopSeconds } };

        // Beyond inference: all that passes between the block's arrival and the network's answer, without the network's own time.
        var (source, classifier, _) = Listen(model, manifest, Examinations.OfWholeSource(), seconds);
        var completing = BlocksThatCompleteWindows(source, manifest.FrontEnd);
        var windows = completing.Zip(classifier.Windows, (block, window) => Milliseconds(window.Came - source.Arrival(block))).Skip(1).ToList();
        var inference = classifier.Windows.Select(w => Milliseconds(w.Answered - w.Came)).Skip(1).ToList();

        var always = new Examinations(new ExaminationOptions { Start = ExaminationStart.Always, Seconds = ExaminationSeconds });
        var (again, timed, log) = Listen(model, manifest, always, seconds);
        var verdicts = new List<double>();
        foreach (var verdict in log.Verdicts.SkipLast(1).Skip(1)) // the last comes of the end of the source
        {
            var block = ((long)Math.Round(verdict.EndSeconds * SampleRateHz) - 1) / again.BlockSamples;
            var arrival = again.Arrival(block);
            var network = timed.Windows.Where(w => w.Came >= arrival && w.Answered <= verdict.At).Sum(w => w.Answered - w.Came);
            verdicts.Add(Milliseconds(verdict.At - arrival - network));
        }

        return new LiveLatency(inference, windows, verdicts);
    }

    private static (TimedSource Source, TimedClassifier Classifier, VerdictLog Log) Listen(ModelBundle model, ModelManifest manifest, Examinations examinations, double seconds)
    {
        using var network = model.CreateClassifier();
        var source = new TimedSource(SampleRateHz, seconds);
        var classifier = new TimedClassifier(network);
        var log = new VerdictLog();
        using var sinks = new VerdictDispatcher([log], NullLogger<VerdictDispatcher>.Instance);
        var monitor = new DeviceMonitor(new DeviceActivity(TimeProvider.System), new DeviceHealth(TimeProvider.System, NullLogger<DeviceHealth>.Instance), new DeviceProgress(), null);
        var service = new ListeningService(manifest, classifier, sinks, new VerdictStamp("benchmark", Guid.Empty, ModelPart.Of(model), () => EngineStatus.Of(model), new DeviceClock(TimeProvider.System)),
            NullLogger<ListeningService>.Instance, monitor);
        service.Listen(source, examinations, recording: null, CancellationToken.None);
        if (sinks.Complete(TimeSpan.FromSeconds(10)) > 0) throw new BenchmarkException("Verdicts did not arrive at the benchmark's sink.");
        return (source, classifier, log);
    }

    /// <summary>The block whose samples complete each window, found with a front end of its own: what its filters hold back is in it.</summary>
    private static List<long> BlocksThatCompleteWindows(TimedSource source, FrontEndSpec spec)
    {
        var blocks = new List<long>();
        var block = 0;
        var frontEnd = new FrontEnd(spec, SampleRateHz, (in _) => blocks.Add(block));
        for (; block < source.Blocks; block++) frontEnd.Listen(source.Block(block));
        return blocks;
    }

    private static double Milliseconds(long ticks) => 1000.0 * ticks / Stopwatch.Frequency;
}
