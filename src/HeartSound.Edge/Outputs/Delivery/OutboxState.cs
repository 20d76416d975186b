namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>How the outbox is. Names on the wire: only ever added.</summary>
public enum OutboxState
{
    /// <summary>Every verdict is on disk before it is sent.</summary>
    Ready,

    /// <summary>No folder was named: verdicts wait in memory, and do not survive the program.</summary>
    InMemory,

    /// <summary>The file was damaged, or of a program that is newer than this one: it was put aside, what could be read of it was kept, and a new one begun.</summary>
    Replaced,

    /// <summary>More waits than may: the oldest verdicts are lost.</summary>
    Dropping,

    /// <summary>The disk is full: new verdicts wait in memory.</summary>
    DiskFull,

    /// <summary>The file, or its folder, cannot be written: new verdicts wait in memory.</summary>
    Unwritable,

    /// <summary>Another program holds the file: new verdicts wait in memory.</summary>
    Locked,
}
