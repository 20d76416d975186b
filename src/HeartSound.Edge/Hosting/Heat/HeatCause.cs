namespace HeartSound.Edge.Hosting.Heat;

/// <summary>How heat and power are. Names on the wire: only ever added.</summary>
public enum HeatCause
{
    /// <summary>Cool enough.</summary>
    Normal,

    /// <summary>This machine has no temperatures to read, and never had any since the start.</summary>
    NoSensors,

    /// <summary>The board slows itself down, though it is cooler than our own first step.</summary>
    Throttled,

    /// <summary>So hot that every second window is left out.</summary>
    Slow,

    /// <summary>There were temperatures, and for a minute there have been none.</summary>
    SensorsLost,

    /// <summary>So hot that the device pauses.</summary>
    Paused,
}
