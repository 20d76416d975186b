using System.Text.Json;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Outputs;

/// <summary>What a device hears right now (<c>docs/mqtt/live.schema.json</c>), twice a second. No verdict: that comes at the end of the examination. Immutable.</summary>
public sealed record LiveMessage : DeviceMessage
{
    /// <summary>What the lights say, or would say if they were not muted.</summary>
    public required Scene Scene { get; init; }

    /// <summary>RMS of the last seconds, in dB of full scale; −200 for silence.</summary>
    public double LevelDb { get; init; }

    /// <summary>What the person who holds the stethoscope should do.</summary>
    public ContactHint Hint { get; init; }

    public double? HeartRateBpm { get; init; }

    /// <summary>By the last window alone; it is no verdict.</summary>
    public double? AlarmProbability { get; init; }

    /// <summary>What the verdict would be by now; it is no verdict.</summary>
    public LiveOpinion Opinion { get; init; }

    public ExaminationPhase Phase { get; init; }

    /// <summary>Of the examination under way.</summary>
    public Guid? Examination { get; init; }

    /// <summary>Where the chest piece is; null when nobody said, and between two sites.</summary>
    public Site? Site { get; init; }

    /// <summary>Sound that is still to be heard in it; by sites, at this one.</summary>
    public double? RemainingSeconds { get; init; }

    /// <summary>Until when the lamps show nothing but faults; null when they show everything.</summary>
    public DateTimeOffset? MutedUntil { get; init; }

    /// <param name="live">What is heard.</param>
    /// <param name="scene">What the lights say, or would say if they were not muted.</param>
    /// <param name="device">Who says so.</param>
    /// <param name="session">In which run of the program.</param>
    /// <param name="now">When.</param>
    /// <param name="mutedUntil">Until when the lamps are muted; null when they are not.</param>
    public static LiveMessage Of(in LiveState live, Scene scene, string device, Guid session, Moment now, DateTimeOffset? mutedUntil = null) => new()
    {
        Device = device,
        Session = session,
        At = now,
        Scene = scene,
        LevelDb = live.LevelDb,
        Hint = live.Hint,
        HeartRateBpm = live.HeartRateBpm,
        AlarmProbability = live.AlarmProbability,
        Opinion = live.Opinion,
        Phase = live.Phase,
        Examination = live.Examination,
        Site = live.Site,
        RemainingSeconds = live.RemainingSeconds,
        MutedUntil = mutedUntil,
    };

    /// <summary>As one line of JSON, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EdgeJson.Compact);
}
