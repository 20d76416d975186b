namespace HeartSound.Edge.Outputs.Lights;

/// <summary>The lamps of a device, each in a place (and a colour) of its own.</summary>
[Flags]
public enum Lamps
{
    None = 0,

    /// <summary>Blue: what the device does now.</summary>
    Activity = 1,

    /// <summary>Green.</summary>
    Normal = 2,

    /// <summary>Amber.</summary>
    Unsure = 4,

    /// <summary>Red.</summary>
    Abnormal = 8,

    All = Activity | Normal | Unsure | Abnormal,
}
