namespace HeartSound.Signal;

/// <summary>
/// A chain of second-order sections over a stream, as <c>scipy.signal.sosfilt</c>: direct form II transposed, state and arithmetic in
/// double precision, starting at rest. Not thread-safe; one instance a stream. Bit-identical however the stream is cut.
/// </summary>
public sealed class BiquadCascade
{
    // After silence the state decays into denormal numbers, which many processors compute a hundred times slower and which need
    // never reach zero. Every so many samples of the stream (not of the block: chunking must not matter), what has
    // become negligible is made zero.
    private const int SettleSamples = 1024;

    private readonly BiquadGroup[] _groups;
    private readonly double[] _values = new double[SettleSamples];
    private int _untilSettled = SettleSamples;

    /// <exception cref="ArgumentException">There is no section.</exception>
    public BiquadCascade(ReadOnlySpan<BiquadSection> sections)
    {
        if (sections.IsEmpty) throw new ArgumentException("A cascade has at least one section.", nameof(sections));
        _groups = new BiquadGroup[(sections.Length + BiquadGroup.MaxSections - 1) / BiquadGroup.MaxSections];
        for (var i = 0; i < _groups.Length; i++)
        {
            var rest = sections[(i * BiquadGroup.MaxSections)..];
            _groups[i] = new BiquadGroup(rest[..Math.Min(rest.Length, BiquadGroup.MaxSections)]);
        }
    }

    /// <summary>Filters a block; <paramref name="output"/> may be <paramref name="input"/> itself.</summary>
    /// <exception cref="ArgumentException"><paramref name="output"/> is shorter than <paramref name="input"/>; nothing was taken.</exception>
    public void Process(ReadOnlySpan<float> input, Span<float> output)
    {
        if (output.Length < input.Length)
            throw new ArgumentException(FormattableString.Invariant($"The output holds {output.Length} samples; this call writes {input.Length}."), nameof(output));

        while (!input.IsEmpty)
        {
            var values = _values.AsSpan(0, Math.Min(input.Length, _untilSettled));
            for (var i = 0; i < values.Length; i++) values[i] = input[i];
            foreach (var group in _groups) group.Process(values);
            for (var i = 0; i < values.Length; i++) output[i] = (float)values[i];

            input = input[values.Length..];
            output = output[values.Length..];
            _untilSettled -= values.Length;
            if (_untilSettled == 0) Settle();
        }
    }

    /// <summary>Puts the filter at rest: the next sample is the first of a new stream.</summary>
    public void Reset()
    {
        foreach (var group in _groups) group.Reset();
        _untilSettled = SettleSamples;
    }

    private void Settle()
    {
        foreach (var group in _groups) group.Settle();
        _untilSettled = SettleSamples;
    }
}
