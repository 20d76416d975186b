using HeartSound.Signal;

namespace HeartSound.Edge.Pipeline;

/// <summary>Why the device cannot tell. Part of the contract on the wire: names are only ever added.</summary>
public enum InconclusiveReason
{
    /// <summary>Too few seconds were heard, whatever their quality.</summary>
    TooShort,

    /// <summary>The sound was interrupted (samples lost or damaged) before enough of it was heard in one piece.</summary>
    Interrupted,

    /// <summary>Nothing comes from the stethoscope: every sample is zero, or next to it.</summary>
    NoSignal,

    /// <summary>There is sound, but too little to judge.</summary>
    TooQuiet,

    /// <summary>The same value again and again.</summary>
    FlatLine,

    /// <summary>The sound is louder than the stethoscope can measure.</summary>
    Clipped,

    /// <summary>Other sounds drown the heart.</summary>
    Noise,

    /// <summary>Knocks and friction.</summary>
    Spikes,

    /// <summary>No regular heartbeat is heard, or its rate is not plausible.</summary>
    NoHeartbeat,

    /// <summary>The sound is good, and the model is not sure enough either way.</summary>
    Uncertain,
}

/// <summary>Words for <see cref="InconclusiveReason"/>.</summary>
public static class InconclusiveReasons
{
    /// <summary>The reason that most of the rejected windows had, as the reason of a verdict.</summary>
    public static InconclusiveReason From(QualityReason quality) => quality switch
    {
        QualityReason.Dead => InconclusiveReason.NoSignal,
        QualityReason.TooQuiet => InconclusiveReason.TooQuiet,
        QualityReason.FlatLine => InconclusiveReason.FlatLine,
        QualityReason.Clipped => InconclusiveReason.Clipped,
        QualityReason.Noise => InconclusiveReason.Noise,
        QualityReason.Spikes => InconclusiveReason.Spikes,
        QualityReason.NoHeartbeat => InconclusiveReason.NoHeartbeat,
        QualityReason.Fault => InconclusiveReason.Interrupted,
        _ => throw new ArgumentOutOfRangeException(nameof(quality), quality, "a good window is no reason"),
    };

    /// <summary>What the person beside the device should do now.</summary>
    public static string Advice(this InconclusiveReason reason) => reason switch
    {
        InconclusiveReason.TooShort => "Listen longer.",
        InconclusiveReason.Interrupted => "Check the cable, then listen again.",
        InconclusiveReason.NoSignal => "Check that the stethoscope is switched on and connected.",
        InconclusiveReason.TooQuiet => "Press the chest piece firmly on the skin.",
        InconclusiveReason.FlatLine => "Unplug the stethoscope and plug it in again.",
        InconclusiveReason.Clipped => "Turn the gain down, or press less.",
        InconclusiveReason.Noise => "Make the room quiet, do not talk, and hold the chest piece still.",
        InconclusiveReason.Spikes => "Hold the chest piece and its tube still.",
        InconclusiveReason.NoHeartbeat => "Move the chest piece to a place where the heart is heard clearly.",
        InconclusiveReason.Uncertain => "Listen again at another site; have a clinician listen.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
