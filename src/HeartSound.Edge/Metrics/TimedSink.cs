using System.Diagnostics;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Metrics;

/// <summary>A sink, and how long it takes for each verdict.</summary>
/// <param name="sink">Its own from now on to dispose.</param>
/// <param name="took">Told the ticks of <see cref="Stopwatch"/>, also where the sink throws.</param>
internal sealed class TimedSink(IVerdictSink sink, Action<long> took) : IVerdictSink
{
    public string Name => sink.Name;

    public void Publish(VerdictMessage message)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            sink.Publish(message);
        }
        finally
        {
            took(Stopwatch.GetTimestamp() - start);
        }
    }

    public int Flush(TimeSpan deadline) => sink.Flush(deadline);

    public void Dispose() => sink.Dispose();
}
