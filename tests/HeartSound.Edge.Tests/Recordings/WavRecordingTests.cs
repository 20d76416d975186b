using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Tests.Recordings;

public sealed class WavRecordingTests : RecordingTest
{
    [Fact]
    public void Read_Unsigned8_IsCentredOn128()
    {
        var path = Write(new WavBytes { Bits = 8 }.Of(0, 64, 128, 192, 255));
        Assert.Equal([-1f, -0.5f, 0f, 0.5f, 127 / 128f], ReadAll(path));
    }

    [Fact]
    public void Read_Signed16_IsDividedBy32768()
    {
        var path = Write(new WavBytes().Of(WavBytes.Int16(short.MinValue, -1, 0, 1, short.MaxValue)));
        Assert.Equal([-1f, -1 / 32768f, 0f, 1 / 32768f, 32767 / 32768f], ReadAll(path));
    }

    [Fact]
    public void Read_Signed24_IsDividedBy8388608()
    {
        var path = Write(new WavBytes { Bits = 24 }.Of(0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0xFF, 0xFF, 0x7F));
        Assert.Equal([-1f, -1 / 8388608f, 0f, 1 / 8388608f, 8388607 / 8388608f], ReadAll(path));
    }

    [Fact]
    public void Read_Signed32_IsDividedBy2147483648()
    {
        int[] values = [int.MinValue, -1, 0, 1 << 20, int.MaxValue];
        var path = Write(new WavBytes { Bits = 32 }.Of([.. values.SelectMany(BitConverter.GetBytes)]));
        Assert.Equal([-1f, -1 / 2147483648f, 0f, 1 / 2048f, 1f], ReadAll(path)); // 2³¹ − 1 has no float of its own
    }

    [Fact]
    public void Read_Float32_PassesEveryValueOn()
    {
        float[] values = [0.1f, -3.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon];
        var path = Write(new WavBytes { Tag = 3, Bits = 32 }.Of([.. values.SelectMany(BitConverter.GetBytes)]));
        Assert.Equal(values, ReadAll(path));
    }

    [Fact]
    public void Read_Float64_IsRoundedOnce()
    {
        double[] values = [0.1, -2, double.NaN, 1e300];
        var path = Write(new WavBytes { Tag = 3, Bits = 64 }.Of([.. values.SelectMany(BitConverter.GetBytes)]));
        Assert.Equal([0.1f, -2f, float.NaN, float.PositiveInfinity], ReadAll(path));
    }

    [Theory]
    [InlineData(1, 8, "WAV PCM 8-bit")]
    [InlineData(1, 12, "WAV PCM 16-bit")]
    [InlineData(1, 16, "WAV PCM 16-bit")]
    [InlineData(1, 24, "WAV PCM 24-bit")]
    [InlineData(1, 32, "WAV PCM 32-bit")]
    [InlineData(3, 32, "WAV float 32-bit")]
    [InlineData(3, 64, "WAV float 64-bit")]
    public void Open_Extensible_IsTheFormatInside(int tag, int bits, string format)
    {
        var path = Write(new WavBytes { Tag = tag, Bits = bits, Channels = 2, Extensible = true, SampleRateHz = 44100 }.Of(new byte[(bits + 7) / 8 * 2 * 3]));
        using var recording = RecordingReader.Open(path);
        Assert.Equal((format, 44100, 2, 3L, path), (recording.Format, recording.SampleRateHz, recording.Channels, recording.Samples, recording.Path));
        Assert.Null(recording.Warning);
    }

    [Fact]
    public void Read_Stereo_IsTheChannelAskedForOrTheMean()
    {
        var path = Write(new WavBytes { Channels = 2 }.Of(WavBytes.Int16(100, 300, -200, 0, 1, 2)));
        Assert.Equal([100 / 32768f, -200 / 32768f, 1 / 32768f], ReadAll(path, Channel.Left));
        Assert.Equal([300 / 32768f, 0f, 2 / 32768f], ReadAll(path, Channel.Right));
        Assert.Equal([200 / 32768f, -100 / 32768f, 1.5f / 32768f], ReadAll(path));
    }

    [Fact]
    public void Open_ChannelThatIsNotThere_IsRefused()
    {
        var path = Write(new WavBytes().Of(WavBytes.Int16(1, 2)));
        Assert.Contains("one channel", Refused(RecordingFault.NoSuchChannel, path, Channel.Right).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Read_AnyChunking_IsTheSame(int chunk)
    {
        var random = new Random(5);
        var data = new byte[90_000 * 3]; // more than the reader's buffer, in blocks that do not divide it
        random.NextBytes(data);
        var path = Write(new WavBytes { Bits = 24, Channels = 3 }.Of(data));
        Assert.Equal(ReadAll(path, Channel.Numbered(3), 30_000), ReadAll(path, Channel.Numbered(3), chunk));
    }

    [Fact]
    public void Open_UnknownOddAndReorderedChunks_AreSkipped()
    {
        var wav = new WavBytes { Before = [("LIST", new byte[5]), ("junk", [])], After = [("id3 ", new byte[3])], DataBeforeFormat = true };
        Assert.Equal([3 / 32768f, 4 / 32768f], ReadAll(Write(wav.Of(WavBytes.Int16(3, 4)))));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0xFFFFFFFFu)]
    public void Open_SizeLeftOpenByAStreamingProgram_ReadsToTheEnd(uint claimed)
    {
        var path = Write(new WavBytes { ClaimedDataBytes = claimed }.Of(WavBytes.Int16(1, 2, 3)));
        using var recording = RecordingReader.Open(path);
        Assert.Equal(3, recording.Samples);
        Assert.Contains("does not say how long", recording.Warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100u)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0xFFFFFFFEu)]
    public void Open_SizeBeyondTheEnd_ReadsWhatIsThereAndWarns(uint claimed)
    {
        var path = Write(new WavBytes { ClaimedDataBytes = claimed }.Of(WavBytes.Int16(1, 2, 3)));
        using var recording = RecordingReader.Open(path);
        Assert.Equal([1 / 32768f, 2 / 32768f, 3 / 32768f], ReadAll(recording));
        Assert.Contains("the end is missing", recording.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_HalfASampleAtTheEnd_IsLeftOutAndWarns()
    {
        using var recording = RecordingReader.Open(Write(new WavBytes().Of(1, 0, 2)));
        Assert.Equal([1 / 32768f], ReadAll(recording));
        Assert.Contains("in the middle of a sample", recording.Warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RF64")]
    [InlineData("BW64")]
    public void Open_SixtyFourBitSize_IsTaken(string magic)
    {
        var wav = new WavBytes { Magic = magic, Size64 = 4, ClaimedDataBytes = uint.MaxValue, After = [("axml", new byte[10])] };
        using var recording = RecordingReader.Open(Write(wav.Of(WavBytes.Int16(1, 2))));
        Assert.Equal(2, recording.Samples);
        Assert.Null(recording.Warning);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(long.MaxValue)]
    [InlineData(1UL << 63)]
    public void Open_AbsurdSixtyFourBitSize_ReadsWhatIsThere(ulong size64)
    {
        using var recording = RecordingReader.Open(Write(new WavBytes { Magic = "RF64", Size64 = size64, ClaimedDataBytes = uint.MaxValue }.Of(WavBytes.Int16(1, 2))));
        Assert.Equal(2, recording.Samples);
        Assert.NotNull(recording.Warning);
    }

    [Fact]
    public void Open_TwoHoursAt48Kilohertz_IsReadWithoutHoldingIt()
    {
        const long dataBytes = 2L * 3600 * 48_000 * 2;
        var path = Write(new WavBytes { SampleRateHz = 48_000, ClaimedDataBytes = (uint)dataBytes }.Of());
        using (var file = new FileStream(path, FileMode.Open)) file.SetLength(file.Length + dataBytes); // sparse
        using var recording = RecordingReader.Open(path);
        Assert.Equal(dataBytes / 2, recording.Samples);

        var buffer = new float[48_000];
        var read = 0;
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 60; i++) read += recording.Read(buffer);
        }));
        Assert.Equal(3 * 60 * buffer.Length, read);
    }
}
