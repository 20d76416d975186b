namespace HeartSound.Signal;

/// <summary>Why a window was not accepted; the first that applies, in this order of asking.</summary>
public enum QualityReason
{
    /// <summary>Accepted.</summary>
    Good,

    /// <summary>Nothing but zeros or one constant value: no sensor, a muted channel.</summary>
    Dead,

    /// <summary>There is a signal, but below the level at which a heart can be told from the converter's own noise.</summary>
    TooQuiet,

    /// <summary>The value stands still for much of the window: a stuck converter, drop-outs.</summary>
    FlatLine,

    /// <summary>The waveform is cut off for much of the window.</summary>
    Clipped,

    /// <summary>Too much of the energy lies where heart sounds have none: noise, talk, rumble.</summary>
    Noise,

    /// <summary>A few knocks or crackles hold most of the energy: handling, friction.</summary>
    Spikes,

    /// <summary>The loudness does not repeat as a heart's does: no contact, or noise over the heart.</summary>
    NoHeartbeat,

    /// <summary>A sample is not a finite number.</summary>
    Fault,
}
