namespace HeartSound.Signal.Tests.Ring;

public sealed class SampleRingTests
{
    [Fact]
    public void Read_AfterWrite_ReturnsTheSamplesInOrder()
    {
        using var ring = new SampleRing(8);
        var read = new float[8];
        for (var round = 0; round < 5; round++) // wraps around
        {
            Assert.Equal(5, ring.Write([1, 2, 3, 4, 5]));
            Assert.Equal(5, ring.Available);
            Assert.Equal(5, ring.Read(read, out var lost));
            Assert.Equal(0, lost);
            Assert.Equal([1f, 2, 3, 4, 5], read[..5]);
        }

        Assert.Equal(25, ring.ReadPosition);
        Assert.Equal(0, ring.Read(read, out _));
    }

    [Fact]
    public void Write_WhenFull_DropsTheRestAndLeavesAGapThere()
    {
        using var ring = new SampleRing(4);
        Assert.Equal(4, ring.Write([0, 1, 2, 3, 4, 5]));
        Assert.Equal(0, ring.Write([6]));
        Assert.Equal(3, ring.OverrunSamples);

        var read = new float[8];
        Assert.Equal(2, ring.Read(read.AsSpan(0, 2), out _));
        Assert.Equal(2, ring.Write([7, 8]));

        Assert.Equal(2, ring.Read(read, out var before)); // stops at the gap
        Assert.Equal(0, before);
        Assert.Equal([2f, 3], read[..2]);
        Assert.Equal(2, ring.Read(read, out var lost));
        Assert.Equal(3, lost); // adjacent losses are one gap
        Assert.Equal([7f, 8], read[..2]);
        Assert.Equal(9, ring.ReadPosition);
    }

    [Fact]
    public void MarkGap_BeforeSamples_IsReportedWithTheFirstOfThem()
    {
        using var ring = new SampleRing(16);
        ring.MarkGap(100);
        var read = new float[16];
        Assert.Equal(0, ring.Read(read, out var lost));
        Assert.Equal(0, lost);
        ring.Write([1, 2]);
        Assert.Equal(0, ring.Read([], out lost)); // takes nothing, the gap neither
        Assert.Equal(0, lost);
        Assert.Equal(1, ring.Read(read.AsSpan(0, 1), out lost));
        Assert.Equal(100, lost);
        Assert.Equal(1, ring.Read(read, out lost));
        Assert.Equal(0, lost);
        Assert.Equal(0, ring.OverrunSamples);
        Assert.Equal(100, ring.LostSamples);
        Assert.Equal(102, ring.ReadPosition);
    }

    [Fact]
    public void Write_WhenGapRecordsAreFull_KeepsDroppingUntilOneIsRead()
    {
        using var ring = new SampleRing(1024);
        for (var i = 0; i < SampleRing.MaxGaps; i++)
        {
            ring.MarkGap(1);
            Assert.Equal(1, ring.Write([i]));
        }

        ring.MarkGap(1);
        Assert.Equal(0, ring.Free);
        Assert.Equal(0, ring.Write([-1, -1]));
        Assert.Equal(2, ring.OverrunSamples);

        var read = new float[8];
        Assert.Equal(1, ring.Read(read, out _));
        Assert.Equal(1, ring.Write([99]));
        for (var i = 1; i < SampleRing.MaxGaps; i++)
        {
            Assert.Equal(1, ring.Read(read, out var one));
            Assert.Equal(1, one);
            Assert.Equal(i, read[0]);
        }

        Assert.Equal(1, ring.Read(read, out var lost));
        Assert.Equal(3, lost);
        Assert.Equal(99, read[0]);
    }

    [Fact]
    public void IsCompleted_AfterComplete_WaitsForTheLastSample()
    {
        using var ring = new SampleRing(4);
        ring.Write([1]);
        ring.Complete();
        Assert.False(ring.IsCompleted);
        ring.Read(new float[4], out _);
        Assert.True(ring.IsCompleted);
        Assert.True(ring.WaitForSamples(4, Timeout.InfiniteTimeSpan));
        Assert.Throws<InvalidOperationException>(() => ring.Write([1]));
    }

    [Fact]
    public void WaitForSamples_NothingComes_ReturnsFalse()
    {
        using var ring = new SampleRing(4);
        Assert.False(ring.WaitForSamples(1, TimeSpan.FromMilliseconds(20)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.WaitForSamples(5, TimeSpan.Zero));
        using var cancelled = new CancellationTokenSource(20);
        Assert.ThrowsAny<OperationCanceledException>(() => ring.WaitForSamples(1, Timeout.InfiniteTimeSpan, cancelled.Token));
    }

    [Fact]
    public void WriteAndRead_TenThousandBlocks_AllocateNothing()
    {
        using var ring = new SampleRing(256);
        var block = new float[100];
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                ring.Write(block);
                if (i % 3 == 0) ring.MarkGap(1);
                ring.Read(block, out _);
            }
        }));
    }
}
