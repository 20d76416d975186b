using System.Numerics.Tensors;

namespace HeartSound.Signal;

/// <summary>
/// Takes friction spikes out of a stream, after Schmidt et al. 2010 (Physiol. Meas. 31:513, section 2.2). Not thread-safe; one instance
/// a stream. The time axis stays: as many samples leave as enter, each in its place, up to <see cref="DelaySamples"/> later.
/// <para>The stream is cut into frames of 0.5 s; a frame's height is its largest absolute sample. While a frame is
/// higher than three times the median height of the last ten frames, itself included, the lobe around its largest
/// sample (as far as the sign stays the same) is set to zero and its height taken anew.</para>
/// <para>The original sees the whole recording at once and cleans its highest frame first. Here: the median looks back 5 s only; a
/// frame that has passed counts with the height it arrived with, so that a louder patient is believed after 2.5 s;
/// the first two frames pass untouched, since no frame can exceed three times a median that it is half of; where
/// the median is zero (digital silence until now) a frame passes untouched; and the last frame may be shorter.</para>
/// </summary>
public sealed class SpikeRemover
{
    private const double FrameSeconds = 0.5;
    private const float HeightLimit = 3;
    private const int FramesRemembered = 10;

    private readonly float[] _frame;
    private readonly float[] _heights = new float[FramesRemembered]; // oldest first, the frame under judgement last
    private readonly float[] _sorted = new float[FramesRemembered];
    private int _held;
    private int _frames;

    /// <exception cref="ArgumentOutOfRangeException">The rate is below 2 Hz.</exception>
    public SpikeRemover(int sampleRateHz)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 2);
        _frame = new float[(int)(FrameSeconds * sampleRateHz)];
    }

    /// <summary>Samples of a frame: a sample leaves when its frame is complete.</summary>
    public int DelaySamples => _frame.Length;

    /// <summary>Samples that one <see cref="Process"/> of <paramref name="inputSamples"/> writes at most; <c>MaxOutput(0)</c> is room enough for a flush.</summary>
    public int MaxOutput(int inputSamples) => checked(inputSamples + _frame.Length);

    /// <summary>Takes all of <paramref name="input"/> and writes every frame that is then complete. The spans must not overlap.</summary>
    /// <returns>Samples written, from 0 to <see cref="MaxOutput"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too short; nothing was taken.</exception>
    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        var due = ((long)_held + input.Length) / _frame.Length * _frame.Length;
        if (output.Length < due)
            throw new ArgumentException(FormattableString.Invariant($"The output holds {output.Length} samples; this call writes {due}."), nameof(output));

        var written = 0;
        while (!input.IsEmpty)
        {
            var taken = Math.Min(input.Length, _frame.Length - _held);
            input[..taken].CopyTo(_frame.AsSpan(_held));
            input = input[taken..];
            _held += taken;
            if (_held == _frame.Length) written += Release(output[written..]);
        }

        return written;
    }

    /// <summary>Ends the stream: writes what is left of it as a shorter frame, and makes ready for another as <see cref="Reset"/> does.</summary>
    /// <returns>Samples written, below <see cref="DelaySamples"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too short; the stream goes on.</exception>
    public int Flush(Span<float> output)
    {
        if (output.Length < _held)
            throw new ArgumentException(FormattableString.Invariant($"The output holds {output.Length} samples; this call writes {_held}."), nameof(output));

        var written = _held == 0 ? 0 : Release(output);
        Reset();
        return written;
    }

    /// <summary>Forgets all input: the next sample is the first of a new stream.</summary>
    public void Reset()
    {
        _held = 0;
        _frames = 0;
    }

    private int Release(Span<float> output)
    {
        var frame = _frame.AsSpan(0, _held);
        _held = 0;
        Clean(frame);
        frame.CopyTo(output);
        return frame.Length;
    }

    private void Clean(Span<float> frame)
    {
        if (_frames == FramesRemembered) _heights.AsSpan(1).CopyTo(_heights);
        else _frames++;

        var arrived = Math.Abs(TensorPrimitives.MaxMagnitude(frame));
        var height = arrived;
        while (true)
        {
            _heights[_frames - 1] = height;
            var median = Median();
            if (median == 0 || !(height > HeightLimit * median)) break;
            RemoveLobe(frame, height);
            height = Math.Abs(TensorPrimitives.MaxMagnitude(frame));
        }

        _heights[_frames - 1] = arrived;
    }

    private float Median()
    {
        var sorted = _sorted.AsSpan(0, _frames);
        _heights.AsSpan(0, _frames).CopyTo(sorted);
        sorted.Sort();
        var middle = _frames / 2;
        return _frames % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    // The first sample of that height, with its neighbours of the same sign.
    private static void RemoveLobe(Span<float> frame, float height)
    {
        var peak = 0;
        while (Math.Abs(frame[peak]) != height) peak++;
        var sign = MathF.Sign(frame[peak]);
        var first = peak;
        while (first > 0 && MathF.Sign(frame[first - 1]) == sign) first--;
        var end = peak + 1;
        while (end < frame.Length && MathF.Sign(frame[end]) == sign) end++;
        frame[first..end].Clear();
    }
}
