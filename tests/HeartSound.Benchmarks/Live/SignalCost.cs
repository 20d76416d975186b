using System.Diagnostics;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Pipeline;
using HeartSound.Native.OnnxRuntime;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Live;

/// <summary>What the pipeline without its network takes, live hints and opinion included, as a share of one core.</summary>
internal static class SignalCost
{
    private const int Seconds = 120;
    private const int Passes = 5;

    /// <summary>Processor time over time of the sound; the best of some passes.</summary>
    public static double Share(ModelManifest manifest, int sampleRateHz)
    {
        var sound = new float[Seconds * sampleRateHz];
        new Simulator(new SimulatorOptions { SampleRateHz = sampleRateHz }).Read(sound);
        var hints = 0;
        var pipeline = new ListeningPipeline(manifest, new Mute(), sampleRateHz) { HintHeard = (in _) => hints++, WindowHeard = (in _, in _) => { } };
        return Enumerable.Range(0, Passes).Min(_ =>
        {
            var clock = Stopwatch.StartNew();
            for (var at = 0; at < sound.Length; at += sampleRateHz / 50) pipeline.Listen(sound.AsSpan(at, Math.Min(sampleRateHz / 50, sound.Length - at)));
            return clock.Elapsed.TotalSeconds / Seconds;
        });
    }

    /// <summary>The same of the simulated heart, which is part of the measured process and of no device.</summary>
    public static double SimulatorShare(int sampleRateHz)
    {
        var sound = new float[Seconds * sampleRateHz];
        return Enumerable.Range(0, Passes).Min(_ =>
        {
            var clock = Stopwatch.StartNew();
            new Simulator(new SimulatorOptions { SampleRateHz = sampleRateHz }).Read(sound);
            return clock.Elapsed.TotalSeconds / Seconds;
        });
    }

    /// <summary>A network that takes no time.</summary>
    private sealed class Mute : IClassifier
    {
        public OnnxProvider Provider => OnnxProvider.Cpu;

        public void Classify(ReadOnlySpan<float> features, Span<float> logits) => logits.Clear();

        public void Dispose()
        {
        }
    }
}
