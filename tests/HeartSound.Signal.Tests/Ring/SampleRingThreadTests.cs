namespace HeartSound.Signal.Tests.Ring;

/// <summary>Two real threads. Each sample carries its position in the stream, so that a wrong one shows.</summary>
public sealed class SampleRingThreadTests
{
    private const int Modulus = 1 << 24; // floats hold integers exactly up to here
    private static readonly TimeSpan Hung = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task WriteAndRead_ProducerFasterThanConsumer_EverySampleIsAtItsPosition()
    {
        const long total = 3_000_000;
        using var hung = new CancellationTokenSource(Hung);
        using var ring = new SampleRing(512);
        var producer = Task.Factory.StartNew(
            () =>
            {
                var random = new Random(1);
                var block = new float[300];
                long position = 0, taken = 0;
                while (position < total)
                {
                    if (random.Next(200) == 0)
                    {
                        var lost = random.Next(1, 50);
                        ring.MarkGap(lost);
                        position += lost;
                    }

                    var count = random.Next(0, block.Length);
                    for (var i = 0; i < count; i++) block[i] = (position + i) % Modulus;
                    taken += ring.Write(block.AsSpan(0, count));
                    position += count;
                    if (random.Next(4) == 0) Thread.Yield();
                }

                // One last sample behind whatever was lost, so that the consumer sees the end of the stream.
                while (ring.Free == 0)
                {
                    hung.Token.ThrowIfCancellationRequested();
                    Thread.Yield();
                }

                block[0] = position % Modulus;
                taken += ring.Write(block.AsSpan(0, 1));
                ring.Complete();
                return (Position: position + 1, Taken: taken);
            },
            TaskCreationOptions.LongRunning);

        var consumerRandom = new Random(2);
        var read = new float[400];
        long expected = 0, received = 0, lostSeen = 0, wrong = 0;
        while (!ring.IsCompleted)
        {
            hung.Token.ThrowIfCancellationRequested();
            ring.WaitForSamples(consumerRandom.Next(1, 512), TimeSpan.FromSeconds(10), hung.Token);
            var count = ring.Read(read.AsSpan(0, consumerRandom.Next(1, read.Length)), out var lost);
            expected += lost;
            lostSeen += lost;
            for (var i = 0; i < count; i++) if (read[i] != (expected + i) % Modulus) wrong++;
            expected += count;
            received += count;
        }

        var (position, taken) = await producer;
        Assert.Equal(0, wrong);
        Assert.Equal(taken, received);
        Assert.Equal(position, received + lostSeen);
        Assert.Equal(ring.LostSamples, lostSeen);
        Assert.Equal(position, ring.ReadPosition);
        Assert.True(ring.OverrunSamples > 0, "The test did not overrun the ring.");
    }

    [Fact]
    public async Task WaitForSpace_ProducerThatWaits_LosesNothing()
    {
        const int total = 1_000_000;
        using var ring = new SampleRing(256);
        var producer = Task.Factory.StartNew(
            () =>
            {
                var block = new float[100];
                for (var position = 0; position < total; position += block.Length)
                {
                    for (var i = 0; i < block.Length; i++) block[i] = position + i;
                    if (!ring.WaitForSpace(block.Length, TimeSpan.FromSeconds(30))) break;
                    ring.Write(block);
                }

                ring.Complete();
            },
            TaskCreationOptions.LongRunning);

        using var hung = new CancellationTokenSource(Hung);
        var read = new float[77];
        long received = 0, wrong = 0;
        while (!ring.IsCompleted)
        {
            Assert.True(ring.WaitForSamples(1, TimeSpan.FromSeconds(30), hung.Token));
            var count = ring.Read(read, out var lost);
            Assert.Equal(0, lost);
            for (var i = 0; i < count; i++) if (read[i] != received + i) wrong++;
            received += count;
        }

        await producer;
        Assert.Equal(total, received);
        Assert.Equal(0, wrong);
        Assert.Equal(0, ring.OverrunSamples);
    }
}
