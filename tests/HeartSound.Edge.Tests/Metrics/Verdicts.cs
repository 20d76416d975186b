using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Tests.Metrics;

/// <summary>Verdicts for tests.</summary>
internal static class Verdicts
{
    public static VerdictMessage One(long sequence) => new()
    {
        Id = Guid.NewGuid(),
        Session = Guid.Empty,
        Series = Guid.Empty,
        Sequence = sequence,
        Device = "test",
        Time = DateTimeOffset.UnixEpoch,
        MonotonicSeconds = 1,
        Examination = new ExaminationPart { Id = Guid.NewGuid() },
        Verdict = "normal",
        Alarm = false,
        Probabilities = new Dictionary<string, double>(),
        Quality = new VerdictQuality(),
        Model = new ModelPart("test", "1", ""),
        Provider = "Cpu",
        Software = "1",
    };
}
