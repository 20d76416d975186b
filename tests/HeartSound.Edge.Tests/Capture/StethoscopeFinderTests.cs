using HeartSound.Edge.Capture;
using HeartSound.Native.PortAudio;

namespace HeartSound.Edge.Tests.Capture;

public sealed class StethoscopeFinderTests
{
    private static readonly CaptureDevice Board = Device(0, "tegra: APE (hw:0,0)", new SoundCard(0, "APE", "APE", null, null, null));
    private static readonly CaptureDevice Left = Device(1, "Stethoscope: USB Audio (hw:1,0)", new SoundCard(1, "Stethoscope", "Left", "1-1", "1209:5a7e", "STETH-0001"));
    private static readonly CaptureDevice Right = Device(2, "Stethoscope: USB Audio (hw:2,0)", new SoundCard(2, "Stethoscope_1", "Right", "1-2.1", "1209:5a7e", "STETH-0002"));
    private static readonly CaptureDevice Pulse = Device(3, "pulse", null);

    [Theory]
    [InlineData("1-2.1", null, null, null, "usbPath 1-2.1")]
    [InlineData(null, "1209:5a7e:STETH-0002", null, null, "usbId 1209:5a7e:STETH-0002")]
    [InlineData(null, "1209:5A7E:STETH-0002", null, null, "usbId 1209:5A7E:STETH-0002")]
    [InlineData(null, null, "Stethoscope_1", null, "alsaCard Stethoscope_1")]
    [InlineData(null, null, null, "(HW:2,0)", "name '(HW:2,0)'")]
    [InlineData("9-9", null, "Stethoscope_1", null, "alsaCard Stethoscope_1")]            // plugged in elsewhere
    [InlineData("1-2.1", "1209:5a7e:STETH-0001", "Stethoscope", "hw:0", "usbPath 1-2.1")] // the first that matches one wins
    [InlineData(null, "1209:5a7e", "Stethoscope_1", null, "usbId 1209:5a7e and alsaCard Stethoscope_1")]
    public void Choose_RulesThatMeetOne_TakeItAndSayWhich(string? usbPath, string? usbId, string? alsaCard, string? name, string rule)
    {
        var choice = StethoscopeFinder.Choose(new CaptureOptions { UsbPath = usbPath, UsbId = usbId, AlsaCard = alsaCard, Name = name }, [Board, Left, Right, Pulse]);
        Assert.Same(Right, choice.Device);
        Assert.Equal(rule, choice.Rule);
        Assert.Null(choice.Fault);
        Assert.Equal($"'Stethoscope: USB Audio (hw:2,0)', usbPath 1-2.1, usbId 1209:5a7e:STETH-0002, alsaCard Stethoscope_1, chosen by {rule}", choice.Message);
    }

    [Theory]
    [InlineData("1-2")]                  // not a beginning of 1-2.1
    [InlineData("1-2.10")]
    public void Choose_UsbPathOfNone_IsNotFoundAndListsWhatIsThere(string usbPath)
    {
        var choice = StethoscopeFinder.Choose(new CaptureOptions { UsbPath = usbPath, Name = "nothing" }, [Board, Left, Right, Pulse]);
        Assert.Equal(CaptureState.NotFound, choice.Fault);
        Assert.Null(choice.Device);
        Assert.StartsWith($"No microphone matches usbPath {usbPath}, name 'nothing'. There are: 'tegra: APE (hw:0,0)', alsaCard APE; ", choice.Message, StringComparison.Ordinal);
        Assert.Contains("usbId 1209:5a7e:STETH-0002", choice.Message, StringComparison.Ordinal);
        Assert.Contains("'pulse'", choice.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1209:5a7e:STETH-0003")]
    [InlineData("1209:5a7")]
    [InlineData("1209:5a7e0")]
    [InlineData("1209:5a7f")]
    public void Choose_OtherUsbId_IsNotFound(string usbId) =>
        Assert.Equal(CaptureState.NotFound, StethoscopeFinder.Choose(new CaptureOptions { UsbId = usbId }, [Left, Right]).Fault);

    [Fact]
    public void Choose_RuleOfSeveral_IsAnErrorThatListsThem()
    {
        var choice = StethoscopeFinder.Choose(new CaptureOptions { UsbId = "1209:5a7e" }, [Board, Left, Right]);
        Assert.Equal(CaptureState.SeveralMatch, choice.Fault);
        Assert.StartsWith("usbId 1209:5a7e is true of 2 microphones: 'Stethoscope: USB Audio (hw:1,0)'", choice.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("APE", choice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_RuleOfSeveralAndNextOfAnother_NeverTakesTheOther()
    {
        var choice = StethoscopeFinder.Choose(new CaptureOptions { UsbId = "1209:5a7e", AlsaCard = "APE" }, [Board, Left, Right]);
        Assert.Equal(CaptureState.SeveralMatch, choice.Fault);
    }

    [Fact]
    public void Choose_NothingSet_TakesTheOnlyUsbMicrophone()
    {
        Assert.Same(Left, StethoscopeFinder.Choose(new CaptureOptions(), [Board, Left, Pulse]).Device);
        Assert.Equal(CaptureState.SeveralMatch, StethoscopeFinder.Choose(new CaptureOptions(), [Left, Right]).Fault);
        Assert.Contains("There is no microphone at all. Plug the stethoscope in", StethoscopeFinder.Choose(new CaptureOptions(), []).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_NothingSetAndNothingOnUsb_TheBoardsMicrophoneDoesNotTakeItsPlace()
    {
        var choice = StethoscopeFinder.Choose(new CaptureOptions(), [Board, Pulse]);
        Assert.Equal(CaptureState.NotFound, choice.Fault);
        Assert.Contains("APE", choice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_PlaybackOnly_IsNoMicrophoneAndNumbersMeetTheirCards()
    {
        PortAudioDevice[] audio = [Left.Audio with { MaxInputChannels = 0 }, Right.Audio, Pulse.Audio, Right.Audio with { Name = "Other (hw:22,0)" }];
        var devices = CaptureDevice.Join(audio, [Left.Card!, Right.Card!]);
        Assert.Equal([Right, Pulse, new CaptureDevice(audio[3], null)], devices.Where(d => d.CanBeOpened));
    }

    [Theory]
    [InlineData("arecord (1234)", "is in use by arecord (1234): end that program.")]
    [InlineData(null, "is closed to this user: is it in the group audio (id shows it)?")]
    public void Choose_CardThatPortAudioDoesNotList_IsThereAndCannotBeOpened(string? user, string reason)
    {
        var devices = CaptureDevice.Join([Board.Audio], [Board.Card!, Left.Card! with { User = user }]);
        var choice = StethoscopeFinder.Choose(new CaptureOptions { UsbPath = "1-1" }, devices);
        Assert.Equal(CaptureState.CannotOpen, choice.Fault);
        Assert.Null(choice.Device);
        Assert.EndsWith(", chosen by usbPath 1-1, " + reason, choice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_CardThatOnlyPlays_IsNoMicrophone() => Assert.Empty(CaptureDevice.Join([], [Left.Card! with { CanCapture = false }]));

    private static CaptureDevice Device(int index, string name, SoundCard? card) => new(new PortAudioDevice(index, name, "ALSA", 1, 48000, 0.01, 0.1), card);
}
