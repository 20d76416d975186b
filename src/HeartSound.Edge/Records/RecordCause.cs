namespace HeartSound.Edge.Records;

/// <summary>How the record of examinations is. Names on the wire: only ever added.</summary>
public enum RecordCause
{
    /// <summary>It keeps an examination, or can keep the next one.</summary>
    Ready,

    /// <summary>There is no key, or one that cannot be used.</summary>
    NoKey,

    /// <summary>There is not enough room on the disk.</summary>
    DiskFull,

    /// <summary>The folder or the disk cannot be written to.</summary>
    CannotWrite,

    /// <summary>The disk was so slow that a part of the last examination is missing.</summary>
    TooSlow,
}
