using HeartSound.Edge.Records;

namespace HeartSound.Edge.Tests.Records;

public class RecordRingTests
{
    [Fact]
    public void Read_WhatIsStillThere_IsWhatWasWritten()
    {
        var ring = new RecordRing(64, 1);
        var block = new short[64];
        for (var i = 0; i < 10; i++)
        {
            ring.Write(Enumerable.Range(i * 24, 24).Select(s => s / 32768f).ToArray());
            var from = Math.Max(0, ring.Written - ring.Capacity);
            for (var position = from; position < ring.Written;)
            {
                var count = ring.Read(position, block);
                Assert.Equal(Enumerable.Range((int)position, count).Select(s => (short)s), block[..count]);
                position += count;
            }
        }
    }

    [Fact]
    public void Read_Overwritten_SaysSo()
    {
        var ring = new RecordRing(64, 1);
        ring.WriteSilence(65);

        Assert.Equal(-1, ring.Read(0, new short[1]));
        Assert.Equal(1, ring.Read(1, new short[1]));
        Assert.Equal(0, ring.Read(65, new short[1]));
    }

    [Fact]
    public void Write_BeyondFullScaleAndNoNumber_IsClippedAndZero()
    {
        var ring = new RecordRing(64, 1);
        var block = new short[4];
        ring.Write([2, -2, float.NaN, 0.5f]);

        Assert.Equal(4, ring.Read(0, block));
        Assert.Equal([short.MaxValue, short.MinValue, 0, 16384], block);
    }

    /// <summary>A reader beside a writer that laps it never gets a sample that was not written at that position.</summary>
    [Fact]
    public void Read_WhileLapped_NeverTorn()
    {
        var ring = new RecordRing(1024, 1);
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            var block = new float[37];
            for (long at = 0; !stop.IsCancellationRequested; at += block.Length)
            {
                for (var i = 0; i < block.Length; i++) block[i] = (short)(at + i) / 32768f;
                ring.Write(block);
            }
        });
        writer.Start();

        var read = new short[256];
        var (good, lapped, wrong) = (0, 0, 0);
        for (long position = 0; good < 2_000_000 && lapped < 2_000_000;)
        {
            var count = ring.Read(position, read);
            if (count < 0)
            {
                lapped++;
                position = ring.Written - 900; // just before it is overwritten
                continue;
            }

            for (var i = 0; i < count; i++) if (read[i] != (short)(position + i)) wrong++;
            good += count;
            position += count;
        }

        stop.Cancel();
        writer.Join();
        Assert.Equal(0, wrong);
        Assert.True(good > 0);
    }
}
