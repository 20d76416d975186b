using System.Diagnostics;
using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Tests.Recordings;

/// <summary>Needs Debian's libsndfile1 and flac, as make setup installs them.</summary>
public sealed class FlacRecordingTests : RecordingTest
{
    private static readonly short[] Samples = [.. Enumerable.Range(0, 60_000).Select(i => (short)(20_000 * Math.Sin(i * 0.01) + i % 7))];

    private string Encode(byte[] wav)
    {
        var source = Write(wav, "source.wav");
        var target = Path.Combine(Folder.Path, "r.flac");
        using var flac = Process.Start("flac", ["--silent", "--channel-map=none", "--force", "-o", target, source]);
        flac.WaitForExit();
        Assert.Equal(0, flac.ExitCode);
        return target;
    }

    [Theory]
    [InlineData(1, "mix")]
    [InlineData(2, "left")]
    [InlineData(2, "right")]
    [InlineData(2, "mix")]
    [InlineData(3, "3")]
    public void Read_Flac_IsTheSameAsTheWavItWasMadeOf(int channels, string channel)
    {
        var wav = new WavBytes { Channels = channels, SampleRateHz = 4000 }.Of(WavBytes.Int16(Samples));
        var path = Encode(wav);
        using var recording = RecordingReader.Open(path, Channel.Parse(channel));
        Assert.Equal((4000, channels, 60_000L / channels, "FLAC", null), (recording.SampleRateHz, recording.Channels, recording.Samples, recording.Format, recording.Warning));
        Assert.Equal(ReadAll(Write(wav), Channel.Parse(channel)), ReadAll(recording, chunk: 777));
    }

    [Fact]
    public void Read_FlacUnderAnotherName_IsToldByItsBytes()
    {
        var path = Path.ChangeExtension(Encode(new WavBytes().Of(WavBytes.Int16(Samples))), ".wav");
        File.Move(Path.ChangeExtension(path, ".flac"), path);
        Assert.Equal(Samples.Length, ReadAll(path).Length);
    }

    [Fact]
    public void Open_ChannelThatIsNotThere_IsRefused()
        => Refused(RecordingFault.NoSuchChannel, Encode(new WavBytes().Of(WavBytes.Int16(Samples))), Channel.Right);

    [Fact]
    public void Open_CutOffOrDamaged_IsReadOrRefusedByName()
    {
        var whole = File.ReadAllBytes(Encode(new WavBytes().Of(WavBytes.Int16(Samples))));
        var random = new Random(7);
        var refused = 0;
        for (var round = 0; round < 300; round++)
        {
            var bytes = round % 2 == 0 ? whole[..random.Next(4, whole.Length)] : (byte[])whole.Clone();
            if (round % 2 == 1) bytes[random.Next(4, round % 4 == 1 ? 60 : whole.Length)] ^= (byte)random.Next(1, 256);
            try
            {
                ReadAll(Write(bytes, "damaged.flac"), chunk: 8000);
            }
            catch (RecordingException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 299);
    }
}
