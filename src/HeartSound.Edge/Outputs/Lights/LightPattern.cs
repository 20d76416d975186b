namespace HeartSound.Edge.Outputs.Lights;

/// <summary>
/// What the lamps do: a pure function of what they shall say and of the time. Every picture differs from every other by the places that are lit and by the rhythm,
/// so that nobody needs to see colours. Green is lit for a normal verdict and in the lamp test, where all are lit at once, and never else: whatever is broken,
/// starting, paused or looked for cannot be taken for "normal" at any moment.
/// </summary>
public static class LightPattern
{
    /// <summary>Beats per minute that a lamp can show; what is beyond is shown as the nearest.</summary>
    public const double SlowestBpm = 30, FastestBpm = 220;

    // The lamps that say that the device, and not the heart, is the subject.
    private const Lamps Trouble = Lamps.Unsure | Lamps.Abnormal;
    private const Lamps Self = Lamps.Activity | Lamps.Unsure;

    // Times in milliseconds. A dash is three times a dot, as in Morse code, which people have learnt to read from one lamp.
    private static readonly Rhythm Starting = new((Lamps.Activity, 500), (Lamps.None, 500));
    private static readonly Rhythm Waiting = new((Lamps.Activity, 120), (Lamps.None, 200), (Lamps.Activity, 120), (Lamps.None, 2560));
    private static readonly Rhythm ListeningWithoutRate = new((Lamps.Activity, 100), (Lamps.None, 100), (Lamps.Activity, 100), (Lamps.None, 100), (Lamps.Activity, 100), (Lamps.None, 100), (Lamps.Activity, 100), (Lamps.None, 1600));
    private static readonly Rhythm NextSite = new((Lamps.Activity, 700), (Lamps.None, 250), (Lamps.Activity, 700), (Lamps.None, 1350));
    private static readonly Rhythm Fault = new((Trouble, 900), (Lamps.None, 300), (Trouble, 300), (Lamps.None, 300), (Trouble, 300), (Lamps.None, 900));
    private static readonly Rhythm Updating = new((Lamps.Activity, 900), (Lamps.None, 300), (Lamps.Unsure, 300), (Lamps.None, 900));
    private static readonly Rhythm Paused = new((Self, 1000), (Lamps.None, 3000));
    private static readonly Rhythm Identify = new((Lamps.Activity | Trouble, 100), (Lamps.None, 100));
    private static readonly Rhythm Normal = Rhythm.Steady(Lamps.Normal);
    private static readonly Rhythm Abnormal = new((Lamps.Abnormal, 350), (Lamps.None, 150), (Lamps.Abnormal, 350), (Lamps.None, 150), (Lamps.Abnormal, 350), (Lamps.None, 1050));
    private static readonly Rhythm CannotTell = new((Lamps.Unsure, 1500), (Lamps.None, 1000));

    /// <summary>All lamps, then darkness, so that what follows is seen to begin. Played once.</summary>
    public static Rhythm LampTest { get; } = new((Lamps.All, 1000), (Lamps.None, 500));

    /// <summary>The lamps at a time after <paramref name="indication"/> began.</summary>
    public static Lamps At(Indication indication, TimeSpan elapsed) => Activity(indication).At(elapsed) | Verdict(indication).At(elapsed);

    /// <summary>What says what the device does.</summary>
    public static Rhythm Activity(Indication indication)
    {
        ArgumentNullException.ThrowIfNull(indication);
        return indication.Scene switch
        {
            Scene.Starting => Starting,
            Scene.WaitingForContact => Waiting,
            Scene.Listening => indication.HeartRateBpm is { } bpm && double.IsFinite(bpm) ? Heart(bpm) : ListeningWithoutRate,
            Scene.NextSite => NextSite,
            Scene.Fault => Fault,
            Scene.Updating => Updating,
            Scene.Paused => Paused,
            Scene.Identify => Identify,
            _ => Rhythm.Dark,
        };
    }

    /// <summary>What says the verdict that still stands; dark in every scene that hides it.</summary>
    public static Rhythm Verdict(Indication indication)
    {
        ArgumentNullException.ThrowIfNull(indication);
        if (indication.Scene is not (Scene.WaitingForContact or Scene.Listening)) return Rhythm.Dark;
        return indication.Verdict switch
        {
            VerdictLight.Normal => Normal,
            VerdictLight.Abnormal => Abnormal,
            VerdictLight.CannotTell => CannotTell,
            _ => Rhythm.Dark,
        };
    }

    // One short flash a beat, shorter where the heart is so fast that the flashes would run together.
    private static Rhythm Heart(double bpm)
    {
        var beat = Math.Round(60_000 / Math.Clamp(bpm, SlowestBpm, FastestBpm));
        var flash = Math.Min(150, Math.Round(beat * 0.4));
        return new((Lamps.Activity, flash), (Lamps.None, beat - flash));
    }
}
