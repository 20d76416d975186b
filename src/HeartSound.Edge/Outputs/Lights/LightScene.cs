namespace HeartSound.Edge.Outputs.Lights;

/// <summary>A picture that the lamps can show, with its name and what it means: for the chart, for <c>heartsound lights</c>, for people.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Meaning">For a person.</param>
/// <param name="Indication">What shows it; null for the lamp test, which is no state of the device.</param>
public sealed record LightScene(string Name, string Meaning, Indication? Indication)
{
    /// <summary>Every picture once, in the order in which people meet them. Listening is shown at 72 beats per minute.</summary>
    public static IReadOnlyList<LightScene> All { get; } =
    [
        new("lampTest", "all lamps work (once, at the start)", null),
        Of("starting", "starting: wait", Scene.Starting),
        Of("waiting", "ready: put the stethoscope on", Scene.WaitingForContact),
        Of("listeningNoRate", "listening, no rhythm found yet: hold still", Scene.Listening),
        Of("listening", "listening, in the rhythm of the heart", Scene.Listening, null, 72),
        Of("nextSite", "this site was heard: on to the next", Scene.NextSite),
        Of("normal", "normal (and listening on)", Scene.Listening, VerdictLight.Normal, 72),
        Of("abnormal", "abnormal (and listening on)", Scene.Listening, VerdictLight.Abnormal, 72),
        Of("cannotTell", "cannot tell (and listening on): listen again", Scene.Listening, VerdictLight.CannotTell, 72),
        Of("normalWaiting", "normal (stethoscope lifted)", Scene.WaitingForContact, VerdictLight.Normal),
        Of("abnormalWaiting", "abnormal (stethoscope lifted)", Scene.WaitingForContact, VerdictLight.Abnormal),
        Of("cannotTellWaiting", "cannot tell (stethoscope lifted): listen again", Scene.WaitingForContact, VerdictLight.CannotTell),
        Of("fault", "broken: no verdicts; see the log", Scene.Fault),
        Of("updating", "updating: do not switch off", Scene.Updating),
        Of("paused", "paused: too hot", Scene.Paused),
        Of("identify", "here I am", Scene.Identify),
        Of("off", "stopped", Scene.Off),
    ];

    /// <summary>The lamps at a time after it began.</summary>
    public Lamps At(TimeSpan elapsed) => Indication is null ? LightPattern.LampTest.At(elapsed) : LightPattern.At(Indication, elapsed);

    /// <summary>How long the lamps stay as they are then; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</summary>
    public TimeSpan UntilChange(TimeSpan elapsed)
    {
        if (Indication is null) return LightPattern.LampTest.UntilChange(elapsed);
        var activity = LightPattern.Activity(Indication).UntilChange(elapsed);
        var verdict = LightPattern.Verdict(Indication).UntilChange(elapsed);
        if (activity == Timeout.InfiniteTimeSpan) return verdict;
        return verdict == Timeout.InfiniteTimeSpan || activity < verdict ? activity : verdict;
    }

    private static LightScene Of(string name, string meaning, Scene scene, VerdictLight? verdict = null, double? bpm = null) =>
        new(name, meaning, new Indication { Scene = scene, Verdict = verdict, HeartRateBpm = bpm });
}
