namespace HeartSound.Native.OnnxRuntime;

/// <summary>How this device computes a model; nothing here changes what the model means.</summary>
public sealed record OnnxOptions
{
    /// <summary>
    /// Providers in order of preference; the first that works runs the model, the ones after it take the nodes it cannot. CPU
    /// runs what is left over in any case, but runs a model alone only when it is listed. Default: Cpu. Not empty.
    /// </summary>
    public IReadOnlyList<OnnxProvider> Providers { get; init; } = [OnnxProvider.Cpu];

    /// <summary>Threads one execution uses inside an operator. 1 (the default) is best when many recordings run at once; 0 means all cores.</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>Whether idle threads wait actively: lower latency with more than one thread, for a fully busy core. Default: false.</summary>
    public bool AllowSpinning { get; init; }

    /// <summary>How TensorRT is used where it is listed; null leaves all to ONNX Runtime: float32, 1 GiB of scratch, and an engine built anew for every session.</summary>
    public TensorRtOptions? TensorRt { get; init; }

    /// <summary>How CUDA is used where it is listed; null leaves all to ONNX Runtime.</summary>
    public CudaOptions? Cuda { get; init; }
}
