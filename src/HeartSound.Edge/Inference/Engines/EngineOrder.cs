using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>What the engine's process is told to load.</summary>
internal sealed record EngineOrder
{
    /// <summary>The ONNX file.</summary>
    public string Model { get; init; } = "";

    public OnnxProvider Provider { get; init; }
    public EnginePrecision Precision { get; init; }
    public long WorkspaceBytes { get; init; }

    /// <summary>Where TensorRT finds its engine, or leaves it; null for a provider that keeps none.</summary>
    public string? EngineFolder { get; init; }

    /// <summary>Where TensorRT keeps what it has measured, to build faster next time; null where it builds nothing.</summary>
    public string? TimingFolder { get; init; }

    /// <summary>Whether it works only when nothing else wants to: while an engine is built.</summary>
    public bool IsBackground { get; init; }
}

/// <summary>What the engine's process answers once it has computed something.</summary>
internal sealed record EngineHello
{
    public string OnnxRuntime { get; init; } = "";

    /// <summary>What else the provider had to say.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public double LoadSeconds { get; init; }
}
