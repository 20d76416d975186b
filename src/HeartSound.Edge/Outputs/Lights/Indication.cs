namespace HeartSound.Edge.Outputs.Lights;

/// <summary>What the lights shall tell the person beside the device. Immutable.</summary>
public sealed record Indication
{
    /// <summary>What the device as a whole is about.</summary>
    public required Scene Scene { get; init; }

    /// <summary>Beats per minute, in whose rhythm <see cref="Scene.Listening"/> blinks; null where no rhythm is known yet.</summary>
    public double? HeartRateBpm { get; init; }

    /// <summary>The verdict that still stands beside <see cref="Scene.WaitingForContact"/> or <see cref="Scene.Listening"/>; null where there is none. Every other scene hides it.</summary>
    public VerdictLight? Verdict { get; init; }
}

/// <summary>What the device is about.</summary>
public enum Scene
{
    /// <summary>Dark: stopped.</summary>
    Off,

    Starting,
    WaitingForContact,
    Listening,

    /// <summary>A site was heard: put the stethoscope on the next one.</summary>
    NextSite,

    /// <summary>Something is broken and no verdicts come. Never looks like normal.</summary>
    Fault,

    /// <summary>An update or an engine is under way; do not switch off.</summary>
    Updating,

    /// <summary>Paused on purpose: too hot.</summary>
    Paused,

    /// <summary>"It is me": somebody looks for this device among many.</summary>
    Identify,
}

/// <summary>How a verdict looks.</summary>
public enum VerdictLight
{
    Normal,
    Abnormal,
    CannotTell,
}
