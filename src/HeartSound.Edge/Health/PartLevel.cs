namespace HeartSound.Edge.Health;

/// <summary>How well a part is.</summary>
public enum PartLevel
{
    Ok,

    /// <summary>The device works without it, or with less of it.</summary>
    Degraded,

    /// <summary>No verdicts come while it is so.</summary>
    Failed,
}
