namespace HeartSound.Edge.Records;

/// <summary>
/// The last seconds of sound as 16-bit samples: one thread writes and never waits, one other copies out what is still there. Positions count every sample since the ring was
/// made. What the reader is too slow for is overwritten, and the reader is told.
/// </summary>
internal sealed class RecordRing
{
    private readonly short[] _samples;
    private long _claimed;
    private long _written;

    /// <param name="sampleRateHz">Of the sound.</param>
    /// <param name="seconds">What it holds at least.</param>
    public RecordRing(int sampleRateHz, double seconds)
    {
        SampleRateHz = sampleRateHz;
        _samples = new short[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, sampleRateHz * seconds))];
    }

    public int SampleRateHz { get; }

    /// <summary>Samples written so far; the position behind the last one.</summary>
    public long Written => Volatile.Read(ref _written);

    public int Capacity => _samples.Length;

    /// <summary>Writer. Appends samples of full scale ±1, rounded and clipped to 16 bits; NaN becomes 0.</summary>
    public void Write(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0)
        {
            var written = _written;
            var start = (int)(written & (_samples.Length - 1));
            var count = Math.Min(samples.Length, _samples.Length - start);
            Claim(written + count);
            for (var i = 0; i < count; i++) _samples[start + i] = ToInt16(samples[i]);
            Volatile.Write(ref _written, written + count);
            samples = samples[count..];
        }
    }

    /// <summary>Writer. Appends silence.</summary>
    public void WriteSilence(long samples)
    {
        while (samples > 0)
        {
            var written = _written;
            var start = (int)(written & (_samples.Length - 1));
            var count = (int)Math.Min(samples, _samples.Length - start);
            Claim(written + count);
            _samples.AsSpan(start, count).Clear();
            Volatile.Write(ref _written, written + count);
            samples -= count;
        }
    }

    /// <summary>Reader. Copies what there is from <paramref name="position"/> on and returns how many samples; -1 when the first of them was overwritten.</summary>
    public int Read(long position, Span<short> destination)
    {
        var start = (int)(position & (_samples.Length - 1));
        var count = (int)Math.Min(Math.Min(destination.Length, Written - position), _samples.Length - start);
        if (count <= 0) return 0;
        if (Volatile.Read(ref _claimed) - position > _samples.Length) return -1;
        _samples.AsSpan(start, count).CopyTo(destination);
        Interlocked.MemoryBarrier(); // the copy first, then the look whether it was overwritten meanwhile
        return Volatile.Read(ref _claimed) - position > _samples.Length ? -1 : count;
    }

    private void Claim(long until)
    {
        Volatile.Write(ref _claimed, until);
        Interlocked.MemoryBarrier(); // the claim first, then the samples
    }

    private static short ToInt16(float sample) =>
        float.IsNaN(sample) ? (short)0 : (short)Math.Clamp(MathF.Round(sample * 32768f), short.MinValue, short.MaxValue);
}
