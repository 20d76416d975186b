using HeartSound.Edge.Inference;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Tests.Pipeline;

/// <summary>A network that says what the test tells it to.</summary>
internal sealed class ScriptedClassifier(Func<int, float[]> logitsOfWindow) : IClassifier
{
    private int _window;

    public ScriptedClassifier(params float[] logits) : this(_ => logits)
    {
    }

    /// <summary>The features of every window, as they came.</summary>
    public List<float[]> Heard { get; } = [];

    public bool Remember { get; init; } = true;

    public OnnxProvider Provider => OnnxProvider.Cpu;

    public void Classify(ReadOnlySpan<float> features, Span<float> logits)
    {
        if (Remember) Heard.Add(features.ToArray());
        logitsOfWindow(_window++).CopyTo(logits);
    }

    public void Dispose()
    {
    }
}
