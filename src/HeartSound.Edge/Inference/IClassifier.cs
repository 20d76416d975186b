using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference;

/// <summary>A network with its tensors: one window of features in, one logit a label out. Belongs to one thread; its owner disposes it.</summary>
public interface IClassifier : IDisposable
{
    /// <summary>What computed the last window; before the first, what would compute it.</summary>
    OnnxProvider Provider { get; }

    /// <param name="features">Normalised log-mel features, <c>[melBands, windowFrames]</c>.</param>
    /// <param name="logits">One a label.</param>
    void Classify(ReadOnlySpan<float> features, Span<float> logits);
}
