using HeartSound.Edge.Health;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Hosting;

/// <summary>One line for a person at <c>systemctl status</c>. It changes seldom: no number that moves all the time is in it.</summary>
public static class StatusLine
{
    /// <param name="indication">What the lights say.</param>
    /// <param name="activity">What the device does.</param>
    /// <param name="health">How it is.</param>
    /// <param name="verdictSeconds">How long a verdict stands.</param>
    public static string Of(Indication indication, DeviceActivity activity, DeviceHealth health, double verdictSeconds)
    {
        ArgumentNullException.ThrowIfNull(indication);
        ArgumentNullException.ThrowIfNull(activity);
        ArgumentNullException.ThrowIfNull(health);
        var parts = new List<string>
        {
            indication.Scene switch
            {
                Scene.Starting => "Starting",
                Scene.Identify => "Identifying itself",
                Scene.Updating => "Updating",
                Scene.Paused => "Paused: too hot",
                Scene.Fault => "Fault, no verdicts",
                Scene.Off => "Stopped",
                Scene.WaitingForContact => "Waiting for contact",
                Scene.NextSite => "Waiting for the next site",
                _ => activity.Live.Phase == ExaminationPhase.Examining ? $"Examining ({Words(activity.Live.Hint)})" : $"Listening ({Words(activity.Live.Hint)})",
            },
        };
        if (activity.VerdictWithin(TimeSpan.FromSeconds(verdictSeconds)) is { } verdict)
            parts.Add($"last verdict {verdict.Verdict}{(verdict.Reason is { } reason ? $" ({Words(reason)})" : "")} at {verdict.Time:HH:mm:ss} UTC");
        parts.AddRange(health.Parts.Where(p => p.Value.Level != PartLevel.Ok).Select(p => $"{Words(p.Key)}: {p.Value.Message ?? p.Value.Cause}"));
        return string.Join("; ", parts).ReplaceLineEndings(" ");
    }

    private static string Words<T>(T value)
        where T : struct, Enum => string.Concat(value.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
