using HeartSound.Edge.Doctor;
using HeartSound.Native;

namespace HeartSound.Edge.Tests.Doctor;

public sealed class DoctorRunTests : IDisposable
{
    private readonly MachineFolder _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Ask_ProbeHangs_IsAFindingAndTheRestIsAsked()
    {
        using var never = new ManualResetEventSlim();
        using var told = new ManualResetEventSlim();
        Probe[] probes =
        [
            new("hangs", "", TimeSpan.FromMilliseconds(50), (_, stop) =>
            {
                using var registration = stop.Register(told.Set);
                never.Wait(CancellationToken.None);
                return new Finding("hangs", FindingLevel.Ok, "too late");
            }),
            new("well", "", Probe.Quick, (_, _) => new Finding("well", FindingLevel.Ok, "well")),
        ];

        var findings = Ask(probes);
        Assert.True(told.Wait(TimeSpan.FromSeconds(60)), "the token was not cancelled");
        never.Set();

        Assert.Equal(["hangs", "well"], findings.Select(f => f.Id));
        Assert.Equal([FindingLevel.Failed, FindingLevel.Ok], findings.Select(f => f.Level));
        Assert.Equal([true, false], findings.Select(f => f.HasHung));
        Assert.NotNull(findings[0].Fix);
    }

    [Fact]
    public void Ask_ProbeBreaks_IsAFindingThatNamesTheCause()
    {
        var finding = Assert.Single(Ask([new("breaks", "", Probe.Quick, (_, _) => throw new InvalidDataException("oh"))]));

        Assert.Equal(("breaks", FindingLevel.Failed, "InvalidDataException: oh"), (finding.Id, finding.Level, finding.Message));
    }

    [Fact]
    public void Ask_LibraryIsMissing_FixSaysWhatToInstall()
    {
        var finding = Assert.Single(Ask([new("audio", "", Probe.Quick, (_, _) => throw new NativeLibraryMissingException("libx.so.1 cannot be loaded.\n  1. apt-get install x"))]));

        Assert.Contains("apt-get install x", finding.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Ask_Stopped_Throws()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => DoctorRun.Ask([new("x", "", Probe.Quick, (_, _) => throw new InvalidOperationException())], _machine.Case, _ => { }, stop.Token).ToList());
    }

    [Theory]
    [InlineData(FindingLevel.Ok)]
    [InlineData(FindingLevel.Ok, FindingLevel.NotApplicable)]
    [InlineData(FindingLevel.Warning, FindingLevel.Ok, FindingLevel.Warning)]
    [InlineData(FindingLevel.Failed, FindingLevel.Failed, FindingLevel.Warning)]
    public void Level_OfAReport_IsTheWorst(FindingLevel level, params FindingLevel[] findings) =>
        Assert.Equal(level, new DoctorReport([.. findings.Select(l => new Finding("x", l, ""))], DateTimeOffset.UnixEpoch).Level);

    [Fact]
    public void All_Ids_AreUnique() => Assert.Equal(ProbeCatalog.All.Count, ProbeCatalog.All.Select(p => p.Id).Distinct().Count());

    private List<Finding> Ask(IEnumerable<Probe> probes) => [.. DoctorRun.Ask(probes, _machine.Case, _ => { }, CancellationToken.None)];
}
