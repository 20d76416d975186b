using System.Diagnostics;
using HeartSound.Benchmarks.Comparisons;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Benchmarks.Live;

/// <summary>What it costs that the engine has a process of its own: the CPU provider there and here, so that only the way differs.</summary>
internal static class EngineCost
{
    private const int Windows = 1000;
    private static readonly string[] Models = [ModelBundle.DefaultModel, "physionet2016-resnet18"];

    public static void Run()
    {
        var table = new Table("a window on the CPU, in ms", "in this process p50 / p99", "in the engine's p50 / p99", "ratio of p50", "engine's memory, MB", "to the first answer, s");
        foreach (var name in Models)
        {
            using var model = ModelBundle.Load(name, new OnnxOptions { Providers = [OnnxProvider.Cpu], IntraOpThreads = 1 });
            using var here = model.CreateClassifier();
            var start = Stopwatch.GetTimestamp();
            using var there = new EngineProcess(new EngineOrder { Model = model.ModelPath, Provider = OnnxProvider.Cpu }, TimeSpan.FromSeconds(20));
            there.WaitUntilLoaded(TimeSpan.FromMinutes(1), CancellationToken.None);
            var loaded = Stopwatch.GetElapsedTime(start).TotalSeconds;

            // Turn and turn about, so that both meet the same machine.
            var (mine, theirs) = (new double[Windows], new double[Windows]);
            var features = new float[model.Manifest.FrontEnd.MelBands * model.Manifest.FrontEnd.WindowFrames];
            var logits = new float[model.Manifest.Labels.Count];
            for (var window = 0; window < Windows; window++)
            {
                mine[window] = Time(here, features, logits);
                theirs[window] = Time(there, features, logits);
            }

            using var process = Process.GetProcessById(there.ProcessId);
            table.Add(name, Quantiles(mine), Quantiles(theirs), $"{Quantile(theirs, 0.5) / Quantile(mine, 0.5):0.00}", $"{process.WorkingSet64 / 1e6:0}", $"{loaded:0.0}");
        }

        table.Write();
    }

    private static double Time(IClassifier classifier, float[] features, float[] logits)
    {
        var start = Stopwatch.GetTimestamp();
        classifier.Classify(features, logits);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static string Quantiles(double[] values) => $"{Quantile(values, 0.5):0.00} / {Quantile(values, 0.99):0.00}";

    private static double Quantile(double[] values, double q) => values.Order().ElementAt((int)(q * (values.Length - 1)));
}
