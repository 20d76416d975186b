namespace HeartSound.Signal;

/// <summary>What the person who holds the stethoscope should know right now. Part of the contract on the wire: names are only ever added.</summary>
public enum ContactHint
{
    /// <summary>A heart can be heard, or nothing speaks against it.</summary>
    Good,

    /// <summary>Nothing comes from the stethoscope.</summary>
    NoSignal,

    /// <summary>Too little sound: the chest piece is not on the skin, or the volume is down.</summary>
    TooQuiet,

    /// <summary>There is sound, but the heart hardly stands out of it.</summary>
    PressFirmer,

    /// <summary>Knocks and friction: the chest piece moves.</summary>
    HoldStill,

    /// <summary>Other sounds drown the heart.</summary>
    TooNoisy,

    /// <summary>The waveform is cut off.</summary>
    TooLoud,
}
