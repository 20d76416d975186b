namespace HeartSound.Edge.Inference.Engines;

/// <summary>How the engine that computes the model is. Names on the wire: only ever added.</summary>
public enum EngineState
{
    /// <summary>The CPU computes, and nothing else was asked for.</summary>
    CpuOnly,

    /// <summary>The CPU computes: this machine has none of the other providers that were asked for.</summary>
    NotInstalled,

    /// <summary>The CPU computes while an engine is loaded and held against the goldens.</summary>
    Loading,

    /// <summary>The CPU computes while an engine is built.</summary>
    Building,

    /// <summary>The engine that was asked for computes.</summary>
    Live,

    /// <summary>Another one than was asked for first computes.</summary>
    Fallback,

    /// <summary>An engine failed while it computed; the CPU computes, and the engine is tried again later.</summary>
    Retired,

    /// <summary>Engines cannot be kept, so none is built; the CPU computes.</summary>
    CacheFailed,
}
