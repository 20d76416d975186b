using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>A way to compute the model on the GPU.</summary>
public readonly record struct EngineCandidate(OnnxProvider Provider, EnginePrecision Precision)
{
    public override string ToString() => $"{Provider} {Precision}";
}
