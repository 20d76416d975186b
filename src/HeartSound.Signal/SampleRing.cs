using System.Runtime.InteropServices;

namespace HeartSound.Signal;

/// <summary>
/// Lock-free ring of samples between one producer thread (capture) and one consumer thread (pipeline). Samples that do not
/// fit are dropped and counted, and the place where they are missing travels with the stream as a gap: no read ever joins
/// what lies on both sides of one. Positions count every sample of the stream, the lost ones too, in 64 bits.
/// </summary>
/// <remarks>
/// <code>
/// stream    0 1 2 3 4 5 6 7 x x x x 12 13 14 …          x = lost
/// stored    0 1 2 3 4 5 6 7          8  9 10 …          gap record: { stored 8, lost 4 }
/// </code>
/// The producer publishes a gap's record before the first sample behind it, so a consumer that sees the sample sees the gap.
/// Members are marked with the thread that may call them; the properties without a mark are for either.
/// </remarks>
public sealed class SampleRing : IDisposable
{
    /// <summary>Gaps that may wait in the ring at once; beyond, the producer goes on dropping until one is read.</summary>
    internal const int MaxGaps = 64;

    private readonly float[] _samples;
    private readonly Gap[] _gaps = new Gap[MaxGaps];
    private readonly ManualResetEventSlim _samplesCame = new(false, spinCount: 0);
    private readonly ManualResetEventSlim _spaceCame = new(false, spinCount: 0);
    private Side _producer;
    private Side _consumer;
    private long _pendingLost;
    private long _overrunSamples;
    private long _lostSamples;
    private long _readPosition;
    private volatile bool _completed;

    /// <summary>A ring that holds at least <paramref name="capacitySamples"/> samples (rounded up to a power of two).</summary>
    public SampleRing(int capacitySamples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacitySamples, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacitySamples, 1 << 28);
        _samples = new float[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacitySamples)];
        _producer.WaitsFor = long.MaxValue;
        _consumer.WaitsFor = long.MaxValue;
    }

    /// <summary>Samples the ring can hold.</summary>
    public int Capacity => _samples.Length;

    /// <summary>Samples that wait to be read.</summary>
    public int Available
    {
        get
        {
            var read = Volatile.Read(ref _consumer.Samples);
            return (int)(Volatile.Read(ref _producer.Samples) - read);
        }
    }

    /// <summary>Samples that <see cref="Write"/> would take now; 0 also while a gap cannot be recorded.</summary>
    public int Free
    {
        get
        {
            if (Volatile.Read(ref _pendingLost) > 0 && Volatile.Read(ref _producer.Gaps) - Volatile.Read(ref _consumer.Gaps) == MaxGaps) return 0;
            var written = Volatile.Read(ref _producer.Samples);
            return _samples.Length - (int)(written - Volatile.Read(ref _consumer.Samples));
        }
    }

    /// <summary>Samples that <see cref="Write"/> dropped because the consumer was late.</summary>
    public long OverrunSamples => Volatile.Read(ref _overrunSamples);

    /// <summary>All samples missing from the stream: overruns and what <see cref="MarkGap"/> was told.</summary>
    public long LostSamples => Volatile.Read(ref _lostSamples);

    /// <summary>Position, in the stream, behind the last sample that was read. Lost samples count.</summary>
    public long ReadPosition => Volatile.Read(ref _readPosition);

    /// <summary>Whether the producer has called <see cref="Complete"/> and everything has been read.</summary>
    public bool IsCompleted => _completed && Available == 0;

    /// <summary>Producer. Takes as many samples as fit and returns their number; the rest is lost, counted, and a gap.</summary>
    public int Write(ReadOnlySpan<float> samples)
    {
        if (_completed) throw new InvalidOperationException("The ring was completed; nothing can be written to it any more.");
        var taken = Math.Min(samples.Length, Free);
        if (taken > 0)
        {
            var written = _producer.Samples;
            if (_pendingLost > 0)
            {
                var gap = _producer.Gaps;
                _gaps[gap & (MaxGaps - 1)] = new Gap(written, _pendingLost);
                Volatile.Write(ref _pendingLost, 0);
                Volatile.Write(ref _producer.Gaps, gap + 1);
            }

            Copy(samples[..taken], written);
            Volatile.Write(ref _producer.Samples, written + taken);
            Interlocked.MemoryBarrier();
            if (written + taken >= Volatile.Read(ref _consumer.WaitsFor)) _samplesCame.Set();
        }

        if (taken < samples.Length)
        {
            var lost = samples.Length - taken;
            Volatile.Write(ref _overrunSamples, _overrunSamples + lost);
            Lose(lost);
        }

        return taken;
    }

    /// <summary>Producer. Says that <paramref name="lostSamples"/> samples never arrived here (the device dropped them).</summary>
    public void MarkGap(long lostSamples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lostSamples);
        Lose(lostSamples);
    }

    /// <summary>Producer. Says that no more samples will come. Wakes the consumer.</summary>
    public void Complete()
    {
        _completed = true;
        Interlocked.MemoryBarrier();
        _samplesCame.Set();
    }

    /// <summary>
    /// Consumer. Moves samples from one side of a gap into <paramref name="destination"/> and returns their number, 0 when none wait.
    /// <paramref name="lostBefore"/> is how many are missing right before the first of them.
    /// </summary>
    public int Read(Span<float> destination, out long lostBefore)
    {
        lostBefore = 0;
        var read = _consumer.Samples;
        var count = (int)Math.Min(destination.Length, Volatile.Read(ref _producer.Samples) - read);
        if (count == 0) return 0;

        var gap = _consumer.Gaps;
        var gaps = Volatile.Read(ref _producer.Gaps);
        if (gap < gaps && _gaps[gap & (MaxGaps - 1)].At == read)
        {
            lostBefore = _gaps[gap & (MaxGaps - 1)].Lost;
            Volatile.Write(ref _consumer.Gaps, ++gap);
        }

        if (gap < gaps) count = (int)Math.Min(count, _gaps[gap & (MaxGaps - 1)].At - read);

        var start = (int)(read & (_samples.Length - 1));
        var first = Math.Min(count, _samples.Length - start);
        _samples.AsSpan(start, first).CopyTo(destination);
        _samples.AsSpan(0, count - first).CopyTo(destination[first..]);

        Volatile.Write(ref _readPosition, _readPosition + lostBefore + count);
        Volatile.Write(ref _consumer.Samples, read + count);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _producer.WaitsFor) != long.MaxValue) _spaceCame.Set();
        return count;
    }

    /// <summary>
    /// Consumer. Sleeps until <paramref name="samples"/> samples wait, the stream is complete, or the time is over.
    /// Returns whether there is something to do: enough samples, or the end of the stream.
    /// </summary>
    public bool WaitForSamples(int samples, TimeSpan timeout, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples, Capacity);
        var deadline = Deadline(timeout);
        try
        {
            while (!_completed && Available < samples)
            {
                _samplesCame.Reset();
                Volatile.Write(ref _consumer.WaitsFor, _consumer.Samples + samples);
                Interlocked.MemoryBarrier(); // either we see the samples or the producer sees that we wait
                if (_completed || Available >= samples) return true;
                if (!_samplesCame.Wait(Remaining(deadline), cancellation)) return _completed || Available >= samples;
            }
        }
        finally
        {
            Volatile.Write(ref _consumer.WaitsFor, long.MaxValue);
        }

        return true;
    }

    /// <summary>Producer. Sleeps until <paramref name="samples"/> samples fit or the time is over; returns whether they fit. For sources that can wait (replay).</summary>
    public bool WaitForSpace(int samples, TimeSpan timeout, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples, Capacity);
        var deadline = Deadline(timeout);
        try
        {
            while (Free < samples)
            {
                _spaceCame.Reset();
                Volatile.Write(ref _producer.WaitsFor, samples);
                Interlocked.MemoryBarrier();
                if (Free >= samples) return true;
                if (!_spaceCame.Wait(Remaining(deadline), cancellation)) return Free >= samples;
            }
        }
        finally
        {
            Volatile.Write(ref _producer.WaitsFor, long.MaxValue);
        }

        return true;
    }

    /// <summary>Frees what waiting needs; after both threads are done.</summary>
    public void Dispose()
    {
        _samplesCame.Dispose();
        _spaceCame.Dispose();
    }

    private void Lose(long samples)
    {
        Volatile.Write(ref _pendingLost, _pendingLost + samples);
        Volatile.Write(ref _lostSamples, _lostSamples + samples);
    }

    private void Copy(ReadOnlySpan<float> samples, long written)
    {
        var start = (int)(written & (_samples.Length - 1));
        var first = Math.Min(samples.Length, _samples.Length - start);
        samples[..first].CopyTo(_samples.AsSpan(start));
        samples[first..].CopyTo(_samples);
    }

    private static long Deadline(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(timeout.TotalMilliseconds);

    private static int Remaining(long deadline) =>
        deadline == long.MaxValue ? Timeout.Infinite : (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue);

    private readonly record struct Gap(long At, long Lost);

    /// <summary>What one thread writes and the other reads, alone on its cache lines (128 bytes: adjacent lines are fetched in pairs).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Side
    {
        /// <summary>Samples stored (producer) or taken (consumer) so far.</summary>
        [FieldOffset(128)] public long Samples;

        /// <summary>Gap records published or taken so far.</summary>
        [FieldOffset(136)] public long Gaps;

        /// <summary>What this side sleeps for; <see cref="long.MaxValue"/> while it does not.</summary>
        [FieldOffset(144)] public long WaitsFor;
    }
}
