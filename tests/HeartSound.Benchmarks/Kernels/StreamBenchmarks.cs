using BenchmarkDotNet.Attributes;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Pipeline;
using HeartSound.Native.OnnxRuntime;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Kernels;

/// <summary>Whole stages over a stream that goes on and on: per second of sound, and per window (a hop of 2.5 s) up to the network, which here says nothing.</summary>
public class StreamBenchmarks
{
    private const int Hops = 24;

    private float[] _minute = [];
    private FrontEnd _frontEnd = new(new FrontEndSpec(), 2000, (in _) => { });
    private ListeningPipeline _pipeline = Pipeline(2000);

    [Params(2000, 4000, 44100)]
    public int SourceHz { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _minute = Sound.Make(SourceHz, 60);
        _frontEnd = new FrontEnd(new FrontEndSpec(), SourceHz, (in _) => { });
        _pipeline = Pipeline(SourceHz);
    }

    [Benchmark(OperationsPerInvoke = 60)]
    public void FrontEndSecond() => _frontEnd.Listen(_minute);

    [Benchmark(OperationsPerInvoke = Hops)]
    public void PipelineWindow() => _pipeline.Listen(_minute);

    private static ListeningPipeline Pipeline(int rate) =>
        new(new ModelManifest { Labels = ["normal", "abnormal"], AlarmLabels = ["abnormal"] }, new SilentClassifier(), rate);

    private sealed class SilentClassifier : IClassifier
    {
        public OnnxProvider Provider => OnnxProvider.Cpu;

        public void Classify(ReadOnlySpan<float> features, Span<float> logits) => logits.Clear();

        public void Dispose()
        {
        }
    }
}
