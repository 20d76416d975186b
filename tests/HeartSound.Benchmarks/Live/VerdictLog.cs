using System.Diagnostics;
using HeartSound.Edge.Outputs;

namespace HeartSound.Benchmarks.Live;

/// <summary>A sink that keeps of each verdict where it lies in the stream and when it arrived, in ticks of <see cref="Stopwatch"/>.</summary>
internal sealed class VerdictLog : IVerdictSink
{
    private readonly List<(double StartSeconds, double EndSeconds, long At)> _verdicts = new(100_000);

    public string Name => "benchmark";

    public IReadOnlyList<(double StartSeconds, double EndSeconds, long At)> Verdicts => _verdicts;

    public void Publish(VerdictMessage message) => _verdicts.Add((message.Examination.StartSeconds, message.Examination.EndSeconds, Stopwatch.GetTimestamp()));

    public int Flush(TimeSpan deadline) => 0;

    public void Dispose()
    {
    }
}
