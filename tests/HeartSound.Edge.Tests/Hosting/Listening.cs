using HeartSound.Edge.Capture;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Tests.Pipeline;
using HeartSound.Native.OnnxRuntime;
using HeartSound.Signal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Hosting;

/// <summary>The service at work on samples that a test has made.</summary>
internal static class Listening
{
    /// <summary>A clean heart at <see cref="BlockSource.Rate"/>.</summary>
    public static float[] Heart(int seconds)
    {
        var samples = new float[seconds * BlockSource.Rate];
        new Simulator(new SimulatorOptions { SampleRateHz = BlockSource.Rate }).Read(samples);
        return samples;
    }

    /// <summary>Nobody at the stethoscope.</summary>
    public static float[] Silence(int seconds) => new float[seconds * BlockSource.Rate];

    /// <summary>White noise that no heart is in.</summary>
    public static float[] Noise(int seconds)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, seconds * BlockSource.Rate).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    /// <summary>Every verdict that comes of <paramref name="source"/>, with a network that finds every window normal.</summary>
    public static List<VerdictMessage> To(ISampleSource source, Examinations examinations, Func<ListeningService, ListeningService>? make = null, List<VerdictMessage>? verdicts = null)
    {
        verdicts ??= [];
        using var dispatcher = new VerdictDispatcher([new ListSink(verdicts)], NullLogger<VerdictDispatcher>.Instance);
        var service = Service(dispatcher);
        try
        {
            (make?.Invoke(service) ?? service).Listen(source, examinations, null, CancellationToken.None);
        }
        finally
        {
            Assert.Equal(0, dispatcher.Complete(TimeSpan.FromSeconds(30)));
        }

        return verdicts;
    }

    public static ListeningService Service(VerdictDispatcher dispatcher, DeviceActivity? activity = null, IClassifier? classifier = null) =>
        new(Manifests.TwoLabels, classifier ?? new ScriptedClassifier(Manifests.Logits(0.05)), dispatcher,
            new VerdictStamp("test", Guid.Empty, new ModelPart("test", "1", ""), () => new EngineStatus { Asked = [OnnxProvider.Cpu], State = EngineState.CpuOnly }, new DeviceClock(TimeProvider.System)), NullLogger<ListeningService>.Instance,
            activity is null ? null : new DeviceMonitor(activity, new DeviceHealth(TimeProvider.System, NullLogger<DeviceHealth>.Instance), new DeviceProgress(), null));
}

/// <summary>Keeps the verdicts.</summary>
internal sealed class ListSink(List<VerdictMessage> verdicts) : IVerdictSink
{
    public string Name => "list";
    public void Publish(VerdictMessage message) => verdicts.Add(message);
    public int Flush(TimeSpan deadline) => 0;

    public void Dispose()
    {
    }
}

/// <summary>Samples in blocks of a size, with what can go wrong.</summary>
internal sealed class BlockSource(float[] samples, int block) : ISampleSource
{
    public const int Rate = 4000;

    public int? LoseAt { get; init; }
    public int Lose { get; init; }
    public int? BreakAt { get; init; }

    /// <summary>Called on the capture thread before the block in which this sample lies.</summary>
    public (int Sample, Action Do)? At { get; init; }

    public string Name => "blocks";
    public int SampleRateHz => Rate;

    public void Capture(SampleRing ring, CancellationToken stop)
    {
        for (var at = 0; at < samples.Length; at += block)
        {
            if (BreakAt <= at) throw new InvalidOperationException("unplugged");
            if (LoseAt >= at && LoseAt < at + block) ring.MarkGap(Lose);
            if (At is { } moment && moment.Sample >= at && moment.Sample < at + block) moment.Do();
            var part = samples.AsSpan(at, Math.Min(block, samples.Length - at));
            ring.WaitForSpace(part.Length, Timeout.InfiniteTimeSpan, stop);
            ring.Write(part);
        }
    }

    public void Dispose()
    {
    }
}
