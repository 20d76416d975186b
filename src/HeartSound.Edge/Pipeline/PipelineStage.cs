namespace HeartSound.Edge.Pipeline;

/// <summary>The steps of a window that are timed. Names on the wire of the metrics: only ever added.</summary>
public enum PipelineStage
{
    /// <summary>All of the front end's work since the window before.</summary>
    FrontEnd,

    Quality,
    HeartRate,
    Network,

    /// <summary>Evidence, opinion, and whoever looks at windows.</summary>
    Evidence,

    /// <summary>Four times a second rather than once a window.</summary>
    Hint,

    /// <summary>Once an examination.</summary>
    Verdict,
}
