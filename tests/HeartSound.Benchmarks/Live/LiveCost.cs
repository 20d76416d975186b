using HeartSound.Benchmarks.Comparisons;
using HeartSound.Edge.Inference;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Benchmarks.Live;

/// <summary>What a device at work costs: the real program in real time, and inside this process what cannot be seen from outside.</summary>
internal static class LiveCost
{
    private const int Seconds = 60;
    private const int Starts = 5;
    private static readonly string[] Models = [ModelBundle.DefaultModel, "physionet2016-resnet18"];
    private static readonly int[] Rates = [4000, 44100, 48000];

    public static void Run()
    {
        var process = new Table("bin/heartsound run --simulate, 4 kHz", "of one core, %", "memory, MB", "peak, MB", "threads", "to READY, s (range)", "its processor, s", "to the first verdict over 5 s, s");
        var latency = new Table("4 kHz, in ms", "windows", "network p50 / p99", "sound to window beyond it p50 / p99", "verdicts", "sound to sink beyond it p50 / max");
        var signal = new Table(["of one core, %", .. Rates.Select(r => $"{r / 1000.0:0.#} kHz")]);
        foreach (var name in Models)
        {
            var starts = new List<DeviceProcess>();
            double share = 0;
            ProcessUsage usage = new(0, 0, 0, 0);
            for (var start = 0; start < Starts; start++)
            {
                using var device = new DeviceProcess(name);
                starts.Add(device);
                if (start < Starts - 1) continue;
                var before = device.Usage.ProcessorSeconds;
                Thread.Sleep(TimeSpan.FromSeconds(Seconds));
                usage = device.Usage;
                share = (usage.ProcessorSeconds - before) / Seconds;
            }

            process.Add(name, $"{100 * share:0.00}", $"{usage.ResidentMegabytes:0}", $"{usage.PeakMegabytes:0}", $"{usage.Threads}",
                $"{Table.Median(starts.Select(s => s.ReadySeconds)):0.00} ({Table.Range(starts.Select(s => s.ReadySeconds), "0.00")})",
                $"{Table.Median(starts.Select(s => s.ReadyProcessorSeconds)):0.00}", $"{Table.Median(starts.Select(s => s.FirstVerdictSeconds)):0.00}");

            using var model = ModelBundle.Load(name, new OnnxOptions { Providers = [OnnxProvider.Cpu], IntraOpThreads = 1 });
            var measured = LiveLatency.Measure(model, Seconds);
            latency.Add(name, $"{measured.WindowMs.Count}", $"{Quantile(measured.InferenceMs, 0.5):0.0} / {Quantile(measured.InferenceMs, 0.99):0.0}",
                $"{Quantile(measured.WindowMs, 0.5):0.00} / {Quantile(measured.WindowMs, 0.99):0.00}", $"{measured.VerdictMs.Count}",
                $"{Quantile(measured.VerdictMs, 0.5):0.00} / {measured.VerdictMs.Max():0.00}");
            signal.Add([$"pipeline without network, {name}", .. Rates.Select(r => $"{100 * SignalCost.Share(model.Manifest, r):0.000}")]);
        }

        signal.Add(["the simulated heart itself", .. Rates.Select(r => $"{100 * SignalCost.SimulatorShare(r):0.000}")]);
        process.Write();
        Console.WriteLine();
        latency.Write();
        Console.WriteLine();
        signal.Write();
    }

    private static double Quantile(IReadOnlyList<double> values, double q) => values.Order().ElementAt((int)(q * (values.Count - 1)));
}
