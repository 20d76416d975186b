namespace HeartSound.Native.OnnxRuntime;

/// <summary>How TensorRT builds and keeps the engine of a model. What a release of ONNX Runtime does not know is not sent to it: <see cref="TensorRtOptionSet"/>.</summary>
public sealed record TensorRtOptions
{
    /// <summary>Which GPU; a Jetson has one.</summary>
    public int DeviceId { get; init; }

    /// <summary>Whether layers may compute in float16. Default: true, which halves the time on every Jetson; the goldens decide whether the result is good enough.</summary>
    public bool Fp16 { get; init; } = true;

    /// <summary>A calibration table (its file's name inside <see cref="EngineCacheFolder"/>), which makes layers compute in 8-bit integers; null, the default, means none.</summary>
    public string? Int8CalibrationTable { get; init; }

    /// <summary>Memory of the GPU that a layer may use for scratch, above 0. Default: 256 MiB. ONNX Runtime's own is 1 GiB, a quarter of all that a Jetson Nano has.</summary>
    public long WorkspaceBytes { get; init; } = 256L << 20;

    /// <summary>A folder that engines are loaded from and, where it has none that fits, built into; null means that one is built for every session.</summary>
    public string? EngineCacheFolder { get; init; }

    /// <summary>A folder for what was measured while building, which makes the next engine faster to build; null means none. ONNX Runtime 1.15 and 1.16 put it into
    /// <see cref="EngineCacheFolder"/> instead, older ones know none.</summary>
    public string? TimingCacheFolder { get; init; }

    /// <summary>Whether the kernels are recorded once and replayed as one (ONNX Runtime 1.16 and later; older ones go without). Default: false, because that asks for inputs that stay
    /// at one place in the GPU's memory, and <see cref="OnnxRun"/> hands over ones in the CPU's.</summary>
    public bool CudaGraph { get; init; }
}
