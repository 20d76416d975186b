using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Hosting;

/// <summary>What the lights say, from what the device does and how it is. What a person must know most comes first.</summary>
public static class IndicationRule
{
    /// <param name="activity">What the device does.</param>
    /// <param name="health">How it is.</param>
    /// <param name="heat">What heat allows.</param>
    /// <param name="isUpdating">Whether an update is under way. It waits for who is being examined, and is not shown to them.</param>
    /// <param name="verdictStands">How long a verdict stays lit.</param>
    public static Indication Of(DeviceActivity activity, PartLevel health, HeatStep heat, bool isUpdating, TimeSpan verdictStands)
    {
        ArgumentNullException.ThrowIfNull(activity);
        if (activity.IsIdentifying) return new Indication { Scene = Scene.Identify };
        if (isUpdating && activity is { Live.Examination: null, HasFreshVerdict: false }) return new Indication { Scene = Scene.Updating };
        if (heat == HeatStep.Paused) return new Indication { Scene = Scene.Paused };
        if (health == PartLevel.Failed) return new Indication { Scene = Scene.Fault };
        if (!activity.IsReady) return new Indication { Scene = Scene.Starting };

        var live = activity.Live;
        return new Indication
        {
            Scene = live.Phase == ExaminationPhase.BetweenSites ? Scene.NextSite
                : live.Phase == ExaminationPhase.Examining || live.HasContact ? Scene.Listening : Scene.WaitingForContact,
            HeartRateBpm = live.HeartRateBpm is { } rate ? Math.Round(rate) : null,
            Verdict = activity.VerdictWithin(verdictStands) is { } verdict ? LightOf(verdict) : null,
        };
    }

    /// <summary>What is left of it while the lamps are muted: whatever says that the device gives no verdicts, or must not be switched off, and who is looked for.</summary>
    public static Indication Muted(Indication indication)
    {
        ArgumentNullException.ThrowIfNull(indication);
        return indication.Scene is Scene.Fault or Scene.Paused or Scene.Updating or Scene.Identify ? indication : new Indication { Scene = Scene.Off };
    }

    private static VerdictLight LightOf(VerdictMessage verdict) => verdict.Alarm switch
    {
        null => VerdictLight.CannotTell,
        true => VerdictLight.Abnormal,
        false => VerdictLight.Normal,
    };
}
