namespace HeartSound.Signal;

/// <summary>
/// A chain of second-order sections over a stream, as <c>scipy.signal.sosfilt</c>: direct form II transposed, state and arithmetic in
/// double precision, starting at rest. Not thread-safe; one instance a stream. Bit-identical however the stream is cut.
/// </summary>
public sealed class BiquadCascade
{
    // After silence the state decays into denormal numbers, which many processors compute a hundred times slower and which never
    // reach zero. Every so many samples of the stream (not of the block: chunking must not matter), a state below
    // −600 dB of full scale becomes zero.
    private const int SettleSamples = 256;
    private const double Negligible = 1e-30;

    private readonly BiquadSection[] _sections;
    private readonly double[] _state;      // two a section
    private int _untilSettled = SettleSamples;

    /// <exception cref="ArgumentException">There is no section.</exception>
    public BiquadCascade(ReadOnlySpan<BiquadSection> sections)
    {
        if (sections.IsEmpty) throw new ArgumentException("A cascade has at least one section.", nameof(sections));
        _sections = sections.ToArray();
        _state = new double[2 * sections.Length];
    }

    /// <summary>Filters a block; <paramref name="output"/> may be <paramref name="input"/> itself.</summary>
    /// <exception cref="ArgumentException"><paramref name="output"/> is shorter than <paramref name="input"/>; nothing was taken.</exception>
    public void Process(ReadOnlySpan<float> input, Span<float> output)
    {
        if (output.Length < input.Length)
            throw new ArgumentException(FormattableString.Invariant($"The output holds {output.Length} samples; this call writes {input.Length}."), nameof(output));

        while (!input.IsEmpty)
        {
            var count = Math.Min(input.Length, _untilSettled);
            Filter(input[..count], output);
            input = input[count..];
            output = output[count..];
            _untilSettled -= count;
            if (_untilSettled == 0) Settle();
        }
    }

    /// <summary>Puts the filter at rest: the next sample is the first of a new stream.</summary>
    public void Reset()
    {
        Array.Clear(_state);
        _untilSettled = SettleSamples;
    }

    private void Filter(ReadOnlySpan<float> input, Span<float> output)
    {
        for (var i = 0; i < input.Length; i++)
        {
            double value = input[i];
            for (var k = 0; k < _sections.Length; k++)
            {
                ref readonly var section = ref _sections[k];
                var x = value;
                value = section.B0 * x + _state[2 * k];
                _state[2 * k] = section.B1 * x + _state[2 * k + 1] - section.A1 * value;
                _state[2 * k + 1] = section.B2 * x - section.A2 * value;
            }

            output[i] = (float)value;
        }
    }

    private void Settle()
    {
        foreach (ref var state in _state.AsSpan())
            if (Math.Abs(state) < Negligible) state = 0;
        _untilSettled = SettleSamples;
    }
}
