using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference;

/// <summary>The network on ONNX Runtime. Its tensors are made once; nothing is allocated per window.</summary>
internal sealed class OnnxClassifier(OnnxModel network) : IClassifier
{
    private readonly OnnxRun _run = network.CreateRun();

    public OnnxProvider Provider => network.Provider;

    public void Classify(ReadOnlySpan<float> features, Span<float> logits)
    {
        features.CopyTo(_run.Input);
        _run.Execute();
        _run.Output.CopyTo(logits);
    }

    public void Dispose() => _run.Dispose();
}
