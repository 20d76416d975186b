using HeartSound.Edge.Capture;
using HeartSound.Edge.Health;

namespace HeartSound.Edge.Tests.Capture;

/// <summary>The whole way from PortAudio's functions to the ring, with a microphone that can do every fault.</summary>
[Collection(StandIn.Collection)]
public sealed class StethoscopeTests
{
    [Fact]
    public void Capture_Sound_IsThatOfTheChannelAskedFor()
    {
        using var capture = new LiveCapture(new CaptureOptions { UsbPath = "1-2.1", Channel = 2 }).Start();
        capture.Until(() => capture.Progress.Captured > 8000);
        Assert.Equal("Stand-in Stethoscope: USB Audio (hw:7,0)", capture.Source!.Name);
        Assert.Equal(8000, capture.Source.SampleRateHz);
        var (stream, clock, samples) = capture.Read();
        Assert.InRange(stream, clock - 0.5, clock + 0.1);
        Assert.True(samples.Distinct().Count() > 1000);
        Assert.All(samples, s => Assert.InRange(s, -0.1f, 0.1f));
        Assert.Empty(capture.Health.Counters);
    }

    [Theory]
    [InlineData("frozen", CaptureState.Frozen)]
    [InlineData("remainder", CaptureState.Frozen)]   // 16 samples that never get more: reading them would hang
    [InlineData("overflowed", CaptureState.Frozen)]  // -9981 for ever
    [InlineData("error", CaptureState.Frozen)]       // -9999 once, and the card is still there
    [InlineData("zeros", CaptureState.Silent)]
    [InlineData("stuck", CaptureState.Stuck)]
    [InlineData("sound speed=0.9", CaptureState.RateMismatch)]
    [InlineData("sound speed=1.1", CaptureState.RateMismatch)]
    public void Capture_Fault_IsToldCountedOnceAndOverWhenItIsOver(string fault, CaptureState state)
    {
        var word = char.ToLowerInvariant(state.ToString()[0]) + state.ToString()[1..];
        using var capture = new LiveCapture(new CaptureOptions { Channel = 2 }).Start();
        StandIn.Play(fault);
        capture.Until(() => capture.State == word);
        Assert.Equal(PartLevel.Failed, capture.Health.Parts[DevicePart.Capture].Level);
        Assert.NotEmpty(capture.Message!);
        var handedOn = capture.Progress.Captured;
        Thread.Sleep(300);
        Assert.Equal(handedOn, capture.Progress.Captured); // a fault is never a verdict

        StandIn.Play("sound");
        capture.Until(() => capture.State == "listening");
        Assert.Equal(1, capture.Count(word));
        Assert.True(capture.Progress.Captured > handedOn);
        Assert.True(capture.Count("lostSamples") > 2000);
        Assert.False(capture.Hung);

        // Position keeps to time, whatever was lost; a rate that was off for the 1.75 s before it was seen makes 0.18 s.
        var (stream, clock, _) = capture.Read();
        Assert.InRange(stream, clock - 0.7, clock + 0.3);
    }

    [Fact]
    public void Capture_PulledAndPluggedInUnderAnotherNumber_GoesOn()
    {
        using var capture = new LiveCapture().Start();
        capture.Machine.Pull(7);
        StandIn.Play("absent");
        capture.Until(() => capture.State == "unplugged");
        Thread.Sleep(1500);
        Assert.Equal(1, capture.Count("unplugged"));
        Assert.Equal(0, capture.Count("reconnects"));

        var searches = capture.Progress.Searches;
        StandIn.Play("sound card=8");
        capture.Machine.Plug(8, "Stethoscope", "1-2.1", "1209:5a7e", "STETH-0001");
        capture.Until(() => capture.State == "listening");
        Assert.True(capture.Progress.Searches > 0 && searches > 0);
        Assert.Equal(1, capture.Count("unplugged"));
        Assert.Equal(0, capture.Count("frozen"));
        Assert.Equal(1, capture.Count("reconnects"));
        var (stream, clock, _) = capture.Read();
        Assert.InRange(stream, clock - 0.5, clock + 0.1);
    }

    [Fact]
    public void Restart_WhileItListens_ClosesItOpensItAgainAndGoesOn()
    {
        using var capture = new LiveCapture().Start();
        capture.Restart();
        capture.Until(() => capture.Count("reconnects") == 1);
        var captured = capture.Progress.Captured;
        capture.Until(() => capture.Progress.Captured > captured + 4000);
        Assert.Equal("listening", capture.State);
        Assert.Equal(1, capture.Count("reconnects"));
        var (stream, clock, _) = capture.Read();
        Assert.InRange(stream, clock - 0.5, clock + 0.1);
    }

    [Fact]
    public void Capture_NothingSetAndPulled_TheBoardsMicrophoneIsNotItsHeir()
    {
        using var capture = new LiveCapture(new CaptureOptions { Channel = 2 }).Start();
        capture.Machine.Pull(7);
        StandIn.Play("frozen");
        capture.Until(() => capture.State == "unplugged");
        capture.Machine.Plug(0, "APE");
        StandIn.Play("sound card=0");
        Thread.Sleep(1500);
        Assert.Equal("unplugged", capture.State);
    }

    [Fact]
    public void Capture_Overrun_IsCountedAGapAsLongAsItTookAndGoesOn()
    {
        using var capture = new LiveCapture(new CaptureOptions { Channel = 2 }).Start();
        StandIn.Play("overrun");
        capture.Until(() => capture.State == "overrun");
        Assert.Equal(PartLevel.Degraded, capture.Health.Parts[DevicePart.Capture].Level);
        Assert.Equal(1, capture.Count("overruns"));
        Assert.InRange(capture.Count("lostSamples"), 3000, 8000);
        capture.Until(() => capture.State == "listening");
        Assert.Equal(0, capture.Count("reconnects"));
        var (stream, clock, _) = capture.Read();
        Assert.InRange(stream, clock - 0.5, clock + 0.1);
    }

    [Fact]
    public void Capture_PluggedInAgainWithAnotherRate_EndsAndOpensAgain()
    {
        using var capture = new LiveCapture().Start();
        capture.Machine.Pull(7);
        StandIn.Play("absent");
        capture.Until(() => capture.State == "unplugged");
        StandIn.Play("sound card=8 rate=16000");
        capture.Machine.Plug(8, "Stethoscope", "1-2.1", "1209:5a7e", "STETH-0001");
        capture.Until(() => capture.HasEnded);
        Assert.Equal(16000, capture.Open()!.SampleRateHz);
    }

    [Fact]
    public void Open_AbsentAtBoot_WaitsAndSaysWhatIsMissing()
    {
        using var capture = new LiveCapture();
        StandIn.Play("absent");
        capture.Machine.Pull(7);
        var open = new Thread(() => capture.Open()) { IsBackground = true };
        open.Start();
        capture.Until(() => capture.State == "notFound" && capture.Progress.Searches > 3);
        Assert.Equal("No microphone matches usbId 1209:5a7e. There is no microphone at all. Plug it in, or correct 'capture' in the settings.", capture.Message);
        capture.Machine.Plug(7, "Stethoscope", "1-2.1", "1209:5a7e", "STETH-0001");
        capture.Machine.Use(7, 1234, "arecord");
        capture.Until(() => capture.State == "cannotOpen");
        Assert.EndsWith("is in use by arecord (1234): end that program.", capture.Message, StringComparison.Ordinal);
        StandIn.Play("busy");
        capture.Until(() => capture.Message!.Contains("-9985", StringComparison.Ordinal));
        capture.Until(() => capture.State == "cannotOpen");
        Assert.Contains("Device unavailable (PortAudio code -9985)", capture.Message, StringComparison.Ordinal);
        StandIn.Play("sound");
        capture.Until(() => !open.IsAlive);
        Assert.Equal(8000, capture.Source!.SampleRateHz);
        Assert.Equal(1, capture.Count("notFound"));
    }

    [Fact]
    public void Open_ChannelThatItHasNot_SaysSo()
    {
        using var capture = new LiveCapture(new CaptureOptions { Channel = 3 });
        var open = new Thread(() => capture.Open()) { IsBackground = true };
        open.Start();
        capture.Until(() => capture.State == "cannotOpen");
        Assert.EndsWith("has 2 channels, and 'capture.channel' is 3.", capture.Message, StringComparison.Ordinal);
        capture.Cancel();
        capture.Until(() => !open.IsAlive);
        Assert.Null(capture.Source);
    }

    [Fact]
    public void Capture_Warm_AllocatesNothing()
    {
        var probe = new AllocationProbe();
        using var capture = new LiveCapture(time: probe).Start();
        capture.Until(() => probe.Least == 0);
    }

    /// <summary>The clock is read once a poll, on the capture thread: the place to see what a hundred polls allocate.</summary>
    private sealed class AllocationProbe : TimeProvider
    {
        private long _before;
        private int _polls;

        /// <summary>The least of all hundreds so far, for the runtime itself may allocate during one.</summary>
        public long Least { get; private set; } = long.MaxValue;

        public override long GetTimestamp()
        {
            if (++_polls % 100 == 0)
            {
                var now = GC.GetAllocatedBytesForCurrentThread();
                if (_polls > 100) Least = Math.Min(Least, now - _before);
                _before = now;
            }

            return base.GetTimestamp();
        }
    }
}
