using System.Diagnostics;
using HeartSound.Edge;
using HeartSound.Edge.Classification;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Recordings;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Benchmarks.Comparisons;

/// <summary>What <c>heartsound classify</c> does once it has started, on all cores it may use: WAV files in, verdicts out.</summary>
internal static class ClassifyWorker
{
    public const string Verb = "classify-worker";

    /// <param name="list">A file with one path a line.</param>
    /// <param name="modelPath">The ONNX file.</param>
    public static int Run(string list, string modelPath)
    {
        var paths = File.ReadAllLines(list);
        using var model = ModelBundle.Load(modelPath, new OnnxOptions { IntraOpThreads = 1 });
        return Worker.Serve(() => Pass(paths, model));
    }

    private static Pass Pass(string[] paths, ModelBundle model)
    {
        var before = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        double sound = 0;
        var windows = 0;
        InOrder.Run(paths, Environment.ProcessorCount, () => new RecordingClassifier(model), (classifier, path) => classifier.Classify(path, Channel.Mix), result =>
        {
            if (result.Error is not null) throw new BenchmarkException(result.Error);
            sound += result.Seconds;
            windows += result.Windows.Count;
        }, classifier => classifier.Dispose(), CancellationToken.None);
        return new Pass
        {
            Recordings = paths.Length,
            Windows = windows,
            Sound = sound,
            Work = clock.Elapsed.TotalSeconds,
            Processor = (Environment.CpuUsage.TotalTime - before).TotalSeconds,
        };
    }
}
