using HeartSound.Edge.Commands;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Tests.Commands;

public sealed class HealthCheckTests : IDisposable
{
    private static readonly Guid Boot = Guid.NewGuid();

    private readonly string _folder = Directory.CreateTempSubdirectory("health").FullName;

    private string File => Path.Combine(_folder, ServiceState.FileName);

    private ServiceState State { get; } = new()
    {
        Software = "0.2.0",
        Release = "0.2.0",
        Session = Guid.NewGuid(),
        At = DateTimeOffset.UnixEpoch, // a clock that was never set
        Monotonic = 1000,
        BootId = Boot,
        Ready = true,
        Level = PartLevel.Ok,
        Scene = Scene.WaitingForContact,
        Examination = new(ExaminationPhase.Waiting, null),
        Idle = true,
        Held = false,
        Provider = "Cpu",
        Model = new("small", "1", ""),
        Broker = new(true, true, "broker.example"),
        Parts = new Dictionary<DevicePart, PartHealth> { [DevicePart.Capture] = Part(PartLevel.Ok), [DevicePart.Lights] = Part(PartLevel.Degraded), [DevicePart.Broker] = Part(PartLevel.Ok) },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Ask_ServiceThatLives_NothingIsWrongWhateverTheWallClockSays() => Assert.Empty(Ask(State, new HealthCheck(File) { Software = "0.2.0", MustBeIdle = true }));

    [Fact]
    public void Ask_NoFile_SaysThatItDoesNotRun() => Assert.Contains("does not run", Assert.Single(new HealthCheck(File).Ask(At(1000))), StringComparison.Ordinal);

    [Theory]
    [InlineData(1004, null)]
    [InlineData(1016, "hangs")]
    [InlineData(5, "another start")]
    public void Ask_FileOfSomeAge_IsToldByTheMonotonicClockAndTheBootId(double now, string? fault)
    {
        Write(State);
        var moment = fault == "another start" ? At(now) with { BootId = Guid.NewGuid() } : At(now);
        var reasons = new HealthCheck(File).Ask(moment);
        if (fault is null) Assert.Empty(reasons);
        else Assert.Contains(fault == "hangs" ? "16 s old: the service hangs" : "before the machine started", Assert.Single(reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void Ask_AnotherVersionOrNotReady_IsSaid()
    {
        Assert.Contains("0.2.0 runs, and not 0.3.0", Assert.Single(Ask(State, new HealthCheck(File) { Software = "0.3.0" })), StringComparison.Ordinal);
        Assert.Contains("starting", Assert.Single(Ask(State with { Ready = false }, new HealthCheck(File))), StringComparison.Ordinal);
    }

    [Fact]
    public void Ask_Idle_WaitsForTheExaminationTheVerdictAndTheHold()
    {
        var idle = new HealthCheck(File) { MustBeIdle = true };
        Assert.Contains("examination is under way", Assert.Single(Ask(State with { Idle = false, Examination = new(ExaminationPhase.Examining, Guid.NewGuid()) }, idle)), StringComparison.Ordinal);
        Assert.Contains("verdict has just come", Assert.Single(Ask(State with { Idle = false }, idle)), StringComparison.Ordinal);
        System.IO.File.WriteAllText(Path.Combine(_folder, UpdateHold.FileName), "");
        Assert.Contains("not taken note", Assert.Single(Ask(State, idle)), StringComparison.Ordinal);
        Assert.Empty(Ask(State with { Held = true }, idle));
        Assert.Empty(Ask(State with { Idle = false }, new HealthCheck(File)));
    }

    [Fact]
    public void Ask_NoWorseThan_ComparesPartByPart()
    {
        var check = new HealthCheck(File) { NoWorseThan = State };
        Assert.Empty(Ask(State, check));
        Assert.Empty(Ask(State with { Parts = With(DevicePart.Lights, PartLevel.Ok) }, check));
        Assert.Empty(Ask(State with { Parts = With(DevicePart.Broker, PartLevel.Degraded) }, check)); // asked for by name
        Assert.Contains("Capture is worse than before: Failed", Assert.Single(Ask(State with { Parts = With(DevicePart.Capture, PartLevel.Failed) }, check)), StringComparison.Ordinal);
        Assert.Contains("Capture has not said yet", Assert.Single(Ask(State with { Parts = new Dictionary<DevicePart, PartHealth>() }, check)), StringComparison.Ordinal);
    }

    [Fact]
    public void Ask_WhatIsNoState_SaysWhatToDo()
    {
        System.IO.File.WriteAllText(File, """{"schema":2}""");
        Assert.Contains(File, Assert.Throws<SetupException>(() => new HealthCheck(File).Ask(At(0))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"schema":1,"kind":"program","version":"0.2.0-g1234567"}""", "0.2.0-g1234567")]
    [InlineData("""["no bundle of ours"]""", null)]
    [InlineData("{", null)]
    [InlineData(null, null)]
    public void ReleaseOf_ManifestBesideBin_IsItsVersion(string? manifest, string? expected)
    {
        var program = Directory.CreateDirectory(Path.Combine(_folder, "bin", "app")).FullName;
        if (manifest is not null) System.IO.File.WriteAllText(Path.Combine(_folder, "manifest.json"), manifest);
        Assert.Equal(expected, StateFile.ReleaseOf(program));
    }

    private static PartHealth Part(PartLevel level) => new(level, "cause", null, DateTimeOffset.UnixEpoch);

    private static Moment At(double seconds) => new(DateTimeOffset.UnixEpoch, seconds, Boot, false);

    private Dictionary<DevicePart, PartHealth> With(DevicePart part, PartLevel level) => new(State.Parts) { [part] = Part(level) };

    private IReadOnlyList<string> Ask(ServiceState state, HealthCheck check)
    {
        Write(state);
        return check.Ask(At(1001));
    }

    private void Write(ServiceState state) => System.IO.File.WriteAllBytes(File, state.ToJson());
}
