using System.Diagnostics;
using HeartSound.Edge.Inference;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Benchmarks.Live;

/// <summary>Passes windows on and writes down when each came and how long the network took. The inner one stays the caller's.</summary>
internal sealed class TimedClassifier(IClassifier inner) : IClassifier
{
    private readonly List<(long Came, long Answered)> _windows = new(100_000);

    public OnnxProvider Provider => inner.Provider;

    /// <summary>In ticks of <see cref="Stopwatch"/>.</summary>
    public IReadOnlyList<(long Came, long Answered)> Windows => _windows;

    public void Classify(ReadOnlySpan<float> features, Span<float> logits)
    {
        var came = Stopwatch.GetTimestamp();
        inner.Classify(features, logits);
        _windows.Add((came, Stopwatch.GetTimestamp()));
    }

    public void Dispose()
    {
    }
}
