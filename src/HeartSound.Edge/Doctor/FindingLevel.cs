namespace HeartSound.Edge.Doctor;

/// <summary>How one part came out, from well to worst. Names are part of the JSON: only ever added.</summary>
public enum FindingLevel
{
    /// <summary>This machine or these settings have no such part.</summary>
    NotApplicable,

    Ok,

    /// <summary>The device works, and somebody should look at it.</summary>
    Warning,

    /// <summary>The part does not work.</summary>
    Failed,
}
