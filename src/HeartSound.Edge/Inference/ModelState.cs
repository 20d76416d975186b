namespace HeartSound.Edge.Inference;

/// <summary>How the model of a device is. Names on the wire: only ever added.</summary>
public enum ModelState
{
    /// <summary>Loaded, warmed up, and this machine reproduces its goldens.</summary>
    Ready,

    /// <summary>It cannot be used; no verdicts come.</summary>
    Unusable,
}
