namespace HeartSound.Edge.Capture;

/// <summary>How the stethoscope is. All but <see cref="Listening"/> and <see cref="Overrun"/> are faults: no verdict comes from them. Part of the contract on the wire:
/// names are only ever added.</summary>
public enum CaptureState
{
    /// <summary>Nothing was tried yet.</summary>
    Starting,

    Listening,

    /// <summary>No device matches the settings.</summary>
    NotFound,

    /// <summary>Several devices match the settings.</summary>
    SeveralMatch,

    /// <summary>It is there and cannot be opened: in use, forbidden, or of an unusable format.</summary>
    CannotOpen,

    /// <summary>It was there and is gone.</summary>
    Unplugged,

    /// <summary>It is there, and no samples come.</summary>
    Frozen,

    /// <summary>Every sample is zero.</summary>
    Silent,

    /// <summary>Every sample has the same value, not zero.</summary>
    Stuck,

    /// <summary>It delivers more or fewer samples a second than it says.</summary>
    RateMismatch,

    /// <summary>Samples were lost just now, because the machine was too slow; it goes on.</summary>
    Overrun,

    /// <summary>Not listened to, on purpose: too hot.</summary>
    Paused,
}
