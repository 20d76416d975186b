using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Tests.Recordings;

/// <summary>WAV files that must be refused by name, and damage of every kind, which must never end in another exception.</summary>
public sealed class WavRefusalTests : RecordingTest
{
    [Theory]
    [InlineData(0, RecordingFault.Corrupt)]
    [InlineData(499, RecordingFault.Unsupported)]
    [InlineData(192_001, RecordingFault.Unsupported)]
    [InlineData(uint.MaxValue, RecordingFault.Unsupported)]
    public void Open_RateOutOfRange_IsRefused(long rate, RecordingFault kind)
        => Assert.Contains($"{rate} Hz", Refused(kind, Write(new WavBytes { SampleRateHz = rate }.Of(1, 0))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, RecordingFault.Corrupt)]
    [InlineData(33, RecordingFault.Unsupported)]
    [InlineData(32_767, RecordingFault.Unsupported)]
    public void Open_ChannelsOutOfRange_IsRefused(int channels, RecordingFault kind)
        => Assert.Contains($"{channels} channels", Refused(kind, Write(new WavBytes { Channels = channels }.Of(new byte[70_000]))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1, 0, "PCM of 0 bits")]
    [InlineData(1, 64, "PCM of 64 bits")]
    [InlineData(3, 16, "float samples of 16 bits")]
    [InlineData(2, 4, "Microsoft ADPCM")]
    [InlineData(6, 8, "A-law")]
    [InlineData(7, 8, "µ-law")]
    [InlineData(0x55, 0, "MP3")]
    [InlineData(0xABC, 16, "0x0ABC")]
    public void Open_CodecThatIsNotRead_NamesItAndAWayOut(int tag, int bits, string named)
    {
        var message = Refused(RecordingFault.Unsupported, Write(new WavBytes { Tag = tag, Bits = bits }.Of(1, 2, 3, 4))).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Contains("ffmpeg -i '", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(65535)]
    public void Open_BlockSizeThatContradictsTheBits_IsCorrupt(int block)
        => Refused(RecordingFault.Corrupt, Write(new WavBytes { Channels = 2, BlockBytes = block }.Of(1, 2, 3, 4)));

    [Fact]
    public void Open_NoSamples_IsEmpty()
    {
        Refused(RecordingFault.Empty, Write(new WavBytes().Of()));
        Refused(RecordingFault.Empty, Write(new WavBytes { After = [("LIST", new byte[20]), ("id3 ", new byte[3])] }.Of()));
        Refused(RecordingFault.Empty, Write(new WavBytes().Of(7))); // not even one sample
    }

    [Fact]
    public void Open_LongerThanTwelveHours_IsTooLong()
    {
        var path = Write(new WavBytes { SampleRateHz = 500, Bits = 8, ClaimedDataBytes = uint.MaxValue }.Of());
        using (var file = new FileStream(path, FileMode.Open)) file.SetLength(file.Length + 12L * 3600 * 500 + 1); // sparse
        Assert.Contains("at most 12", Refused(RecordingFault.TooLong, path).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FormatOrDataMissing_SaysWhich()
    {
        var whole = new WavBytes().Of(WavBytes.Int16(1, 2));
        Assert.Contains("no format chunk", Refused(RecordingFault.Corrupt, Write(whole[..12])).Message, StringComparison.Ordinal);
        Assert.Contains("no data chunk", Refused(RecordingFault.Corrupt, Write(whole[..36])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EndlessChunks_GivesUp()
        => Refused(RecordingFault.Corrupt, Write([.. new WavBytes().Of()[..12], .. new byte[1_000_000]]));

    [Fact]
    public void Open_CutOffAtAnyLength_IsReadOrRefusedByName()
    {
        var read = 0;
        foreach (var whole in SmallFiles())
            for (var length = 0; length <= whole.Length; length++)
                if (ReadOrRefuse(whole[..length])) read++;
        Assert.InRange(read, 1, int.MaxValue);
    }

    [Fact]
    public void Open_RandomlyDamaged_IsReadOrRefusedByName()
    {
        var random = new Random(20161);
        var files = SmallFiles();
        var (read, refused) = (0, 0);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = (byte[])files[round % files.Count].Clone();
            for (var flips = random.Next(1, 6); flips > 0; flips--) bytes[random.Next(Math.Min(bytes.Length, 80))] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
            if (ReadOrRefuse(bytes)) read++;
            else refused++;
        }

        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused: the damage is not of both kinds");
    }

    private static List<byte[]> SmallFiles() =>
    [
        new WavBytes().Of(WavBytes.Int16([.. Enumerable.Range(0, 40).Select(i => (short)(i * 500))])),
        new WavBytes { Tag = 3, Bits = 32, Channels = 2, Extensible = true, Before = [("LIST", new byte[7])] }.Of(new byte[64]),
        new WavBytes { Magic = "RF64", Size64 = 24, Bits = 24, ClaimedDataBytes = uint.MaxValue, After = [("id3 ", new byte[9])] }.Of(new byte[24]),
    ];

    /// <summary>True when it was read; any exception but a <see cref="RecordingException"/> leaves, and fails the test.</summary>
    private bool ReadOrRefuse(byte[] bytes)
    {
        var path = Write(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var recording = RecordingReader.Open(path);
            Assert.InRange(recording.Samples, 1, bytes.Length);
            var buffer = new float[64];
            long samples = 0;
            for (int got; (got = recording.Read(buffer)) > 0;) samples += got;
            Assert.Equal(recording.Samples, samples);
            return true;
        }
        catch (RecordingException)
        {
            return false;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000);
        }
    }
}
