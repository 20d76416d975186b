using System.ComponentModel;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference;

/// <summary>Which model gives the verdicts, and what runs it. Nothing about its front end: that is in the model.</summary>
public sealed record ModelOptions
{
    [Description("A name that 'heartsound model list' shows, a folder with model.onnx, or an .onnx file; without it the default model.")]
    public string? Path { get; init; }

    [Description("ONNX Runtime providers to try, in order: tensorRt, cuda, cpu. The CPU computes until another is there and right, and whenever it fails.")]
    public IReadOnlyList<OnnxProvider> Providers { get; init; } = [OnnxProvider.TensorRt, OnnxProvider.Cuda, OnnxProvider.Cpu];
}
