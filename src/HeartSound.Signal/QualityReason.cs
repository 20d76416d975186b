namespace HeartSound.Signal;

/// <summary>Why a window was not accepted.</summary>
public enum QualityReason
{
    /// <summary>Accepted.</summary>
    Good,

    /// <summary>Nothing but one constant value, give or take a step of the converter: no sensor, a muted channel.</summary>
    Dead,

    /// <summary>There is a signal, but too near to the converter's own noise.</summary>
    TooQuiet,

    /// <summary>The value stands still for much of the window: a stuck converter, drop-outs.</summary>
    FlatLine,

    /// <summary>The waveform is cut off for much of the window.</summary>
    Clipped,

    /// <summary>Too much energy where heart sounds have none: noise, talk, rumble.</summary>
    Noise,

    /// <summary>Few knocks or crackles are far louder than all else: handling, friction.</summary>
    Spikes,

    /// <summary>The loudness does not rise, fall and repeat as a heart's does: no contact, or noise over the heart.</summary>
    NoHeartbeat,

    /// <summary>A sample is not a finite number.</summary>
    Fault,
}
