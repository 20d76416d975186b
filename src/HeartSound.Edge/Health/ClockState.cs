namespace HeartSound.Edge.Health;

/// <summary>Whether the wall clock can be believed. Names on the wire: only ever added.</summary>
public enum ClockState
{
    Synced,

    /// <summary>Nobody has set it since the start, or nobody keeps it: times on verdicts may be wrong, their distances are right.</summary>
    Unsynced,

    /// <summary>The machine does not say.</summary>
    Unknown,
}
