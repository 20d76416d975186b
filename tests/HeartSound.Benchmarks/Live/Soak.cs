using System.Diagnostics;
using System.Globalization;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Benchmarks.Live;

/// <summary>Hours of sound through the real service as fast as it goes, half at 4 kHz and half at 48 kHz: is anything missed, does anything grow, do the clocks part?</summary>
internal static class Soak
{
    private const double ExaminationSeconds = 30;
    private static readonly int[] Rates = [4000, 48000];

    /// <returns>Whether nothing was missed.</returns>
    public static bool Run(double hours)
    {
        using var model = ModelBundle.Load(null, new OnnxOptions { Providers = [OnnxProvider.Cpu], IntraOpThreads = 1 });
        return Rates.Select(rate => Leg(model, rate, hours / Rates.Length)).ToList().TrueForAll(ok => ok);
    }

    private static bool Leg(ModelBundle model, int sampleRateHz, double hours)
    {
        Console.WriteLine(FormattableString.Invariant($"\n{model.Manifest.Id}, {hours:0.##} h at {sampleRateHz / 1000.0:0.#} kHz, examinations of {ExaminationSeconds:0} s\n"));
        Console.WriteLine("   hours   wall, s   memory, MB   managed, MB   allocated, MB   gen 0/1/2   threads");
        var plan = SoakPlan.Of(model.Manifest.FrontEnd, sampleRateHz, hours, ExaminationSeconds);
        using var network = model.CreateClassifier();
        var classifier = new Counter(network);
        var log = new VerdictLog();
        using var sinks = new VerdictDispatcher([log], NullLogger<VerdictDispatcher>.Instance);
        var progress = new DeviceProgress();
        var monitor = new DeviceMonitor(new DeviceActivity(TimeProvider.System), new DeviceHealth(TimeProvider.System, NullLogger<DeviceHealth>.Instance), progress, null);
        var service = new ListeningService(model.Manifest, classifier, sinks, new VerdictStamp("soak", Guid.Empty, ModelPart.Of(model), () => EngineStatus.Of(model), new DeviceClock(TimeProvider.System)),
            NullLogger<ListeningService>.Instance, monitor);

        var clock = Stopwatch.StartNew();
        var memory = new List<(double Hours, double Megabytes)>();
        using var source = new SoakSource(plan, hour => Look(hour));
        var allocated = GC.GetTotalAllocatedBytes();
        service.Listen(source, new Examinations(new ExaminationOptions { Start = ExaminationStart.Always, Seconds = ExaminationSeconds }), recording: null, CancellationToken.None);
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        var notArrived = sinks.Complete(TimeSpan.FromSeconds(10));
        Look(hours);

        var expected = plan.VerdictSeconds;
        var drift = log.Verdicts.Zip(expected, (verdict, end) => Math.Abs(verdict.EndSeconds - end)).DefaultIfEmpty().Max();
        var isWhole = log.Verdicts.Zip(log.Verdicts.Skip(1), (a, b) => a.EndSeconds == b.StartSeconds).All(follows => follows);
        var ok = true;
        Console.WriteLine();
        Check("samples heard", progress.Heard, source.Written);
        Check("samples heard + missing", progress.Heard + source.Lost, plan.EndSample);
        Check("windows", classifier.Windows, plan.Windows);
        Check("verdicts", log.Verdicts.Count, expected.Count);
        Check("verdicts that did not arrive", notArrived, 0);
        Check("verdicts that begin elsewhere than the one before ended", isWhole ? 0 : 1, 0);
        Console.WriteLine(FormattableString.Invariant($"clock of the verdicts against that of the samples: {1000 * drift:0.000} ms apart at the most"));
        Console.WriteLine(FormattableString.Invariant($"memory in the second half: {Slope([.. memory.Where(m => m.Hours >= hours / 2)]):0.000} MB more an hour of sound; {allocated / (double)log.Verdicts.Count / 1024:0.0} KiB are allocated a verdict, all threads"));
        Console.WriteLine(FormattableString.Invariant($"{hours * 3600 / clock.Elapsed.TotalSeconds:0} times as fast as real time"));
        return ok && drift == 0;

        void Look(double hour)
        {
            var usage = ProcessUsage.Of("self");
            memory.Add((hour, usage.ResidentMegabytes));
            Console.WriteLine(FormattableString.Invariant($"{hour,8:0.##} {clock.Elapsed.TotalSeconds,9:0} {usage.ResidentMegabytes,12:0.0} {Megabytes(GC.GetTotalMemory(false)),13:0.0} {Megabytes(GC.GetTotalAllocatedBytes()),15:0.0} {$"{GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)}",11} {usage.Threads,9}"));
        }

        void Check(string what, long value, long must)
        {
            ok &= value == must;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {value}{(value == must ? "" : $", MUST BE {must}")}"));
        }
    }

    /// <summary>Of the straight line through the values, by least squares.</summary>
    private static double Slope(List<(double Hours, double Megabytes)> memory)
    {
        if (memory.Count < 2) return double.NaN;
        double x = memory.Average(p => p.Hours), y = memory.Average(p => p.Megabytes);
        return memory.Sum(p => (p.Hours - x) * (p.Megabytes - y)) / memory.Sum(p => (p.Hours - x) * (p.Hours - x));
    }

    private static double Megabytes(long bytes) => bytes / (1024.0 * 1024);

    /// <summary>Counts windows, and keeps nothing that would grow.</summary>
    private sealed class Counter(IClassifier inner) : IClassifier
    {
        public long Windows { get; private set; }

        public OnnxProvider Provider => inner.Provider;

        public void Classify(ReadOnlySpan<float> features, Span<float> logits)
        {
            Windows++;
            inner.Classify(features, logits);
        }

        public void Dispose()
        {
        }
    }
}
