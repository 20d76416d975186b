namespace HeartSound.Edge.Recordings;

/// <summary>Why a recording could not be read.</summary>
public enum RecordingFault
{
    /// <summary>Nothing has that name, or a folder holds no recordings.</summary>
    NotFound,

    /// <summary>It is there, but permission, the disk or the kind of file (folder, pipe, device) stands in the way.</summary>
    Unreadable,

    /// <summary>It is a file, but not a recording.</summary>
    NotARecording,

    /// <summary>It is a recording in a form that is not read: a lossy codec, too high a rate, too many channels.</summary>
    Unsupported,

    /// <summary>It claims to be a recording that is read, but contradicts itself or lacks its essential parts.</summary>
    Corrupt,

    /// <summary>It holds no sample.</summary>
    Empty,

    /// <summary>It is longer than <see cref="RecordingLimits.MaxDuration"/>.</summary>
    TooLong,

    /// <summary>It lacks the channel that was asked for.</summary>
    NoSuchChannel,
}
