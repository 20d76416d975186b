using HeartSound.Edge.Records;

namespace HeartSound.Edge.Tests.Records;

public sealed class RecordFormatTests : RecordTest
{
    private const int Chunk = (int)(Rate * RecordWriter.ChunkSeconds);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData(5 * Chunk + 17)]
    public void Read_WhatWasWritten_IsTheSame(int length)
    {
        var samples = Ramp(length, -1000);

        var (read, trailer) = Read(WriteRecord(samples, "abnormal"));

        Assert.Equal(samples, read);
        Assert.Equal(new RecordTrailer("abnormal", length, 0, 0), trailer);
    }

    [Fact]
    public void Write_SameSoundTwice_FilesHaveNothingInCommonBehindTheHeader()
    {
        var files = new[] { WriteRecord(Ramp(Chunk)), WriteRecord(Ramp(Chunk)) }.Select(File.ReadAllBytes).ToList();

        var same = Enumerable.Range(RecordHeader.Bytes + 4, Chunk).Count(i => files[0][i] == files[1][i]);
        Assert.InRange(same, 0, Chunk / 64); // 1 in 256 by chance
        Assert.NotEqual(files[0][24..47], files[1][24..47]);
    }

    [Fact]
    public void Read_AnyByteChanged_IsRefusedOrCutOffThere()
    {
        var samples = Ramp(300);
        var whole = File.ReadAllBytes(WriteRecord(samples));
        var file = Path.Combine(Folder, "changed.hsrec");

        for (var i = 0; i < whole.Length; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= 1;
            File.WriteAllBytes(file, changed);
            var read = TryRead(file);
            // A longer length looks like a file that was cut off: then only what is true before it comes out.
            Assert.True(read is null || (read.Value.Trailer is null && samples.AsSpan().StartsWith(read.Value.Samples)), $"byte {i} may be changed unseen");
        }
    }

    [Fact]
    public void Read_Truncated_GivesWholeChunksOnlyAndNoTrailer()
    {
        var samples = Ramp(3 * Chunk);
        var whole = File.ReadAllBytes(WriteRecord(samples));
        var frame = 4 + (Chunk * sizeof(short)) + 16;
        var file = Path.Combine(Folder, "cut.hsrec");

        foreach (var length in new[] { RecordHeader.Bytes, RecordHeader.Bytes + 3, RecordHeader.Bytes + frame - 1, RecordHeader.Bytes + frame, RecordHeader.Bytes + (2 * frame) + 100, RecordHeader.Bytes + (3 * frame), whole.Length - 1 })
        {
            File.WriteAllBytes(file, whole[..length]);
            var (read, trailer) = Read(file);
            Assert.Null(trailer);
            Assert.Equal(samples[..((length - RecordHeader.Bytes) / frame * Chunk)], read);
        }
    }

    [Fact]
    public void Read_ChunksSwappedRepeatedOrLeftOut_IsRefused()
    {
        var whole = File.ReadAllBytes(WriteRecord(Ramp(3 * Chunk)));
        var frame = 4 + (Chunk * sizeof(short)) + 16;
        byte[] Part(int i) => whole.AsSpan(RecordHeader.Bytes + (i * frame), frame).ToArray();
        var head = whole[..RecordHeader.Bytes];
        var end = whole[(RecordHeader.Bytes + (3 * frame))..];
        var file = Path.Combine(Folder, "mixed.hsrec");

        foreach (var parts in new[] { new[] { 1, 0, 2 }, [0, 0, 1, 2], [0, 2], [0, 1] })
        {
            File.WriteAllBytes(file, [.. head, .. parts.SelectMany(Part), .. end]);
            Assert.Throws<RecordException>(() => Read(file));
        }

        File.WriteAllBytes(file, [.. whole, 0]);
        Assert.Throws<RecordException>(() => Read(file));
    }

    [Fact]
    public void Read_ChunkOfAnotherRecordOfTheSameKey_IsRefused()
    {
        var (one, other) = (File.ReadAllBytes(WriteRecord(Ramp(Chunk))), File.ReadAllBytes(WriteRecord(Ramp(Chunk))));
        var file = Path.Combine(Folder, "mixed.hsrec");
        File.WriteAllBytes(file, [.. one[..RecordHeader.Bytes], .. other[RecordHeader.Bytes..]]);

        Assert.Throws<RecordException>(() => Read(file));
    }

    [Fact]
    public void Read_AnotherKey_IsRefusedAndSaysSo()
    {
        var file = WriteRecord(Ramp(100));
        var other = RecordKey.Load(WriteKey("other", RecordKey.Generate()));

        Assert.Contains("another key", Assert.Throws<RecordException>(() => Read(file, other)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(79)]
    public void ReadHeader_NoRecord_IsRefused(int length)
    {
        var file = Path.Combine(Folder, "none.hsrec");
        File.WriteAllBytes(file, new byte[length]);

        Assert.Throws<RecordException>(() => RecordReader.ReadHeader(file));
    }

    private (short[] Samples, RecordTrailer? Trailer)? TryRead(string file)
    {
        try
        {
            return Read(file);
        }
        catch (RecordException)
        {
            return null;
        }
    }
}
