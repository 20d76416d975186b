using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Hosting;

/// <summary>What is heard right now.</summary>
public readonly record struct LiveState
{
    /// <summary>Before anything was heard, and while nothing comes.</summary>
    public static readonly LiveState Nothing = new() { LevelDb = -200, Hint = ContactHint.NoSignal };

    /// <summary>Whether the chest piece seems to touch somebody.</summary>
    public bool HasContact => Hint is not (ContactHint.NoSignal or ContactHint.TooQuiet);

    /// <summary>RMS of the last seconds, in dB of full scale; −200 for silence.</summary>
    public double LevelDb { get; init; }

    public ContactHint Hint { get; init; }

    /// <summary>Over the examination so far; null when no regular beat was found yet.</summary>
    public double? HeartRateBpm { get; init; }

    /// <summary>By the last window alone; null before the first.</summary>
    public double? AlarmProbability { get; init; }

    /// <summary>What the verdict would be by now, the sites that were heard before included.</summary>
    public LiveOpinion Opinion { get; init; }

    public ExaminationPhase Phase { get; init; }

    /// <summary>Of the examination under way.</summary>
    public Guid? Examination { get; init; }

    /// <summary>Where the chest piece is; null when nobody said, and between two sites.</summary>
    public Site? Site { get; init; }

    /// <summary>Sound that is still to be heard in it; by sites, at this one.</summary>
    public double? RemainingSeconds { get; init; }
}
