namespace HeartSound.Signal;

/// <summary>The latest log-mel frames of a stretch, band-major: a band's frames lie side by side. Slides in place; allocates only in the constructor.</summary>
internal sealed class FrameHistory
{
    private readonly float[] _values; // [bands, Stride]
    private readonly int _bands;
    private long _start;    // number of the frame in column 0
    private int _count;
    private long _released; // no frame before this one is asked for again

    /// <param name="bands">Mel bands.</param>
    /// <param name="capacityFrames">Frames that are held at the most between two calls of <see cref="Release"/>.</param>
    public FrameHistory(int bands, int capacityFrames)
    {
        _bands = bands;
        Stride = 2 * capacityFrames; // twice, so that sliding is rare
        _values = new float[bands * Stride];
    }

    /// <summary>From a frame of one band to the same frame of the next, in values.</summary>
    public int Stride { get; }

    /// <summary>Number of the frame after the newest.</summary>
    public long End => _start + _count;

    /// <summary>Makes room for <paramref name="frames"/> new frames and returns where band 0 of the first of them goes.</summary>
    public Span<float> Append(int frames)
    {
        if (_count + frames > Stride) Slide();
        var destination = _values.AsSpan(_count);
        _count += frames;
        return destination;
    }

    /// <summary>Band 0 from <paramref name="frame"/> on, and the other bands <see cref="Stride"/> apart.</summary>
    public ReadOnlySpan<float> Span(long frame) => _values.AsSpan((int)(frame - _start));

    public void Release(long before) => _released = Math.Max(_released, before);

    public void Reset()
    {
        _start = 0;
        _count = 0;
        _released = 0;
    }

    private void Slide()
    {
        var gone = (int)Math.Clamp(_released - _start, 0, _count);
        for (var band = 0; band < _bands; band++)
        {
            var row = _values.AsSpan(band * Stride, Stride);
            row[gone.._count].CopyTo(row);
        }

        _start += gone;
        _count -= gone;
    }
}
