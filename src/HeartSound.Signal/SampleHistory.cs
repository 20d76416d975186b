namespace HeartSound.Signal;

/// <summary>The latest samples of a stretch, found by their position in it. Slides in place; allocates only in the constructor.</summary>
internal sealed class SampleHistory
{
    private readonly float[] _samples;
    private long _start;    // position of _samples[0]
    private int _count;
    private long _released; // nothing before this position is asked for again

    /// <param name="capacity">Samples that are held at the most between two calls of <see cref="Release"/>.</param>
    public SampleHistory(int capacity)
    {
        Capacity = capacity;
        _samples = new float[2 * capacity]; // twice, so that sliding is rare
    }

    public int Capacity { get; }

    /// <summary>Position after the newest sample.</summary>
    public long End => _start + _count;

    public void Append(ReadOnlySpan<float> samples)
    {
        if (_count + samples.Length > _samples.Length) Slide();
        samples.CopyTo(_samples.AsSpan(_count));
        _count += samples.Length;
    }

    public ReadOnlySpan<float> Span(long position, int samples) => _samples.AsSpan((int)(position - _start), samples);

    public void Release(long before) => _released = Math.Max(_released, before);

    public void Reset()
    {
        _start = 0;
        _count = 0;
        _released = 0;
    }

    private void Slide()
    {
        var gone = (int)Math.Min(_released - _start, _count);
        _samples.AsSpan(gone, _count - gone).CopyTo(_samples);
        _start += gone;
        _count -= gone;
    }
}
