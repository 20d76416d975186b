using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>What was asked for, what computes, and why it is not the same. Immutable.</summary>
public sealed record EngineStatus
{
    /// <summary>Providers in the order in which they were asked for.</summary>
    public required IReadOnlyList<OnnxProvider> Asked { get; init; }

    public required EngineState State { get; init; }

    /// <summary>What computes now.</summary>
    public OnnxProvider Provider { get; init; } = OnnxProvider.Cpu;

    public EnginePrecision Precision { get; init; } = EnginePrecision.Fp32;

    /// <summary>Why what was asked for is not what computes; null when it does.</summary>
    public string? Why { get; init; }

    /// <summary>What is built or loaded; null when nothing is.</summary>
    public EngineCandidate? Preparing { get; init; }

    /// <summary>Since when it is built or loaded, as a timestamp.</summary>
    public long PreparingSince { get; init; }

    /// <summary>How long that took last time; null when nobody knows.</summary>
    public TimeSpan? Expected { get; init; }

    /// <summary>When the engine is tried again, as a timestamp; null when it is not waited for.</summary>
    public long? RetryAt { get; init; }

    /// <summary>What computes where nothing but one provider of this process is used, as in the verbs that judge recordings.</summary>
    public static EngineStatus Of(ModelBundle model) => new()
    {
        Asked = model.ProvidersAsked,
        State = model.Provider != model.ProvidersAsked[0] ? EngineState.Fallback : model.Provider == OnnxProvider.Cpu ? EngineState.CpuOnly : EngineState.Live,
        Provider = model.Provider,
        Why = model.ProviderNotes.Count > 0 ? string.Join(" ", model.ProviderNotes) : null,
    };
}
