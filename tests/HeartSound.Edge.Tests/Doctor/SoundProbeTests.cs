using HeartSound.Edge.Capture;
using HeartSound.Edge.Doctor;
using HeartSound.Edge.Doctor.Probes;
using HeartSound.Edge.Tests.Capture;

namespace HeartSound.Edge.Tests.Doctor;

/// <summary>The doctor at a stethoscope that can do every fault.</summary>
[Collection(StandIn.Collection)]
public sealed class SoundProbeTests : IDisposable
{
    private readonly MachineFolder _machine = new MachineFolder().Settings("""{ "capture": { "name": "Stand-in", "channel": 2 } }""");

    public SoundProbeTests() => _machine.Board.Write("proc/asound/cards", " 7 [Stethoscope    ]: USB-Audio - Stand-in Stethoscope\n                      Example at usb\n");

    public void Dispose()
    {
        StandIn.Play("sound");
        _machine.Dispose();
    }

    [Theory]
    [InlineData("sound", FindingLevel.Ok, "8000 Hz")]
    [InlineData("zeros", FindingLevel.Failed, "every sample is zero")]
    [InlineData("stuck", FindingLevel.Failed, "every sample is the same")]
    [InlineData("frozen", FindingLevel.Failed, "no sample came")]
    [InlineData("remainder", FindingLevel.Failed, "no sample came")]
    [InlineData("busy", FindingLevel.Failed, "Device unavailable")]
    [InlineData("absent", FindingLevel.NotApplicable, "no stethoscope")]
    [InlineData("sound speed=0.7", FindingLevel.Warning, "samples a second came")]
    public void Ask_Fault_IsSaid(string play, FindingLevel level, string words)
    {
        StandIn.Play(play);

        var finding = Assert.Single(DoctorRun.Ask([SoundProbe.Create()], _machine.Case, _ => { }, CancellationToken.None));

        Assert.Equal((level, true), (finding.Level, finding.Message.Contains(words, StringComparison.Ordinal)));
        Assert.False(finding.HasHung);
    }

    [Fact]
    public void Ask_Hangs_IsAFinding()
    {
        StandIn.Play("hang-open");
        using var ended = new ManualResetEventSlim();
        var probe = SoundProbe.Create();
        var hanging = probe with
        {
            Limit = TimeSpan.FromSeconds(0.3),
            Ask = (facts, stop) =>
            {
                try
                {
                    return probe.Ask(facts, stop);
                }
                finally
                {
                    ended.Set();
                }
            },
        };

        var finding = Assert.Single(DoctorRun.Ask([hanging], _machine.Case, _ => { }, CancellationToken.None));
        StandIn.Play("sound");
        _ = Stethoscope.Survey(new CaptureOptions()); // a new session reads what is played now, and what hangs ends

        Assert.True(ended.Wait(TimeSpan.FromSeconds(60)), "the probe that was left behind did not end"); // there is one stand-in for all tests
        Assert.True(finding is { HasHung: true, Level: FindingLevel.Failed });
    }

    [Fact]
    public void Ask_AnotherProgramHasIt_IsNamed()
    {
        _machine.Board.Write("proc/asound/card7/pcm0c/sub0/status", "state: RUNNING\nowner_pid   : 1\n");

        var finding = _machine.Ask(SoundProbe.Create());

        Assert.Equal((FindingLevel.Failed, 1), (finding.Level, (int)finding.Details!["heldBy"]!));
        Assert.Contains("process 1", finding.Message, StringComparison.Ordinal);
    }
}
