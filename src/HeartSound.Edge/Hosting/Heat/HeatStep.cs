namespace HeartSound.Edge.Hosting.Heat;

/// <summary>How much the device works. The hotter, the less.</summary>
public enum HeatStep
{
    /// <summary>Every window is judged.</summary>
    Normal,

    /// <summary>Every second window is left out: half the work, and a verdict takes longer.</summary>
    Slow,

    /// <summary>No window is judged, and no verdict is given.</summary>
    Paused,
}
