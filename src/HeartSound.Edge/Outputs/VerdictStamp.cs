using System.Reflection;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Pipeline;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Outputs;

/// <summary>Makes a message of a verdict: who says it, when, and with which model. Belongs to one thread.</summary>
public sealed class VerdictStamp(string device, Guid session, ModelPart model, Func<EngineStatus> engine, DeviceClock clock)
{
    /// <summary>Version of this program, as it is written on every verdict: that of the bundle it came in, without the commit that a compiler adds after a '+'.</summary>
    public static string Software { get; } = typeof(VerdictStamp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The verdict as it leaves the device.</summary>
    /// <param name="verdict">What to say.</param>
    /// <param name="examination">What it is about.</param>
    /// <param name="latency">From the last sample to the verdict.</param>
    /// <param name="recording">File name to write on it, if somebody asked for that.</param>
    public VerdictMessage Seal(Verdict verdict, Guid examination, TimeSpan latency, string? recording)
    {
        var status = engine();
        return new VerdictMessage
        {
            Id = Guid.CreateVersion7(),
            Session = session,
            Series = Guid.Empty,
            Sequence = 0, // both are given when it is stored
            Device = device,
            At = clock.Now,
            Examination = new ExaminationPart
            {
                Id = examination,
                Site = verdict.Sites is [var only] ? only.Site : null,
                Sites = verdict.Sites is null ? null : [.. verdict.Sites.Select(SitePart.Of)],
                StartSeconds = verdict.StartSeconds,
                EndSeconds = verdict.EndSeconds,
                Recording = recording,
            },
            Verdict = verdict.Answer,
            Alarm = verdict.Alarm,
            Findings = verdict.Findings,
            Reason = verdict.Reason,
            Advice = verdict.Advice,
            Probabilities = verdict.Probabilities,
            AlarmProbability = verdict.AlarmProbability,
            Confidence = verdict.Confidence,
            HeartRateBpm = verdict.HeartRateBpm,
            Quality = verdict.Quality,
            Model = model,
            Provider = MainProvider(verdict, status).ToString(),
            Engine = new EngineUse
            {
                Asked = [.. status.Asked.Select(p => p.ToString())],
                Windows = verdict.ComputedBy.ToDictionary(c => c.Key.ToString(), c => c.Value),
                Precision = status.Precision,
                Why = status.Why,
            },
            LatencyMs = latency.TotalMilliseconds,
            Software = Software,
        };
    }

    /// <summary>What computed most of its windows; where there is none, what would have.</summary>
    private static OnnxProvider MainProvider(Verdict verdict, EngineStatus status) => verdict.ComputedBy.Count == 0 ? status.Provider : verdict.ComputedBy.MaxBy(c => c.Value).Key;
}
