using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Tests.Outputs;

/// <summary>Verdicts that nobody gave.</summary>
internal static class Messages
{
    public static VerdictMessage Verdict(long sequence, Guid series = default, Moment? at = null) => new()
    {
        Id = Guid.NewGuid(),
        Session = Guid.Empty,
        Series = series,
        Sequence = sequence,
        Device = "test",
        At = at ?? new Moment(DateTimeOffset.UnixEpoch, 1, Guid.Empty, null),
        Examination = new ExaminationPart { Id = Guid.NewGuid() },
        Verdict = Edge.Pipeline.Verdict.Inconclusive,
        Probabilities = new Dictionary<string, double>(),
        Quality = new VerdictQuality(),
        Model = new ModelPart("test", "1", ""),
        Provider = "Cpu",
        Software = "1",
    };
}
