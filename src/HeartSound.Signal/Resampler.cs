namespace HeartSound.Signal;

/// <summary>
/// Converts a stream from one integer sample rate to another with polyphase FIR filters. Not thread-safe; one instance
/// a stream. The filters' delay is taken out: output sample <c>n</c> lies at input time <c>n / targetRate</c>, and
/// what lies before the first and behind the last input sample counts as zero.
/// <para>With the lower of the two Nyquist frequencies as 1: flat within 0.01 dB up to 0.8, and at least 90 dB down from 1 on, so
/// that 0.8 to 1 is lost. Equal rates pass through bit for bit. The same input gives bit-identical output
/// however it is cut into blocks, on any processor.</para>
/// <para>A long way down is gone in two steps where that is less work: 48 to 2 kHz by way of 4 kHz takes half the time.</para>
/// </summary>
public sealed class Resampler
{
    /// <summary>Lowest rate on either side, in hertz.</summary>
    public const int LowestRateHz = 500;

    /// <summary>Highest rate on either side, in hertz.</summary>
    public const int HighestRateHz = 192_000;

    // Input that goes through the first step at once, when there are two.
    private const int BlockSamples = 1024;

    private readonly int _up;                    // target = source · up / down, in lowest terms
    private readonly int _down;
    private readonly ResamplerStage? _decimator; // null: one step is enough
    private readonly ResamplerStage? _converter; // null: equal rates
    private readonly float[] _between;
    private readonly float[] _silence;           // as long as the filters look ahead
    private long _received;

    /// <exception cref="ArgumentException">The rates are not <see cref="Supports">supported</see>.</exception>
    public Resampler(int sourceRateHz, int targetRateHz)
    {
        if (!Supports(sourceRateHz, targetRateHz, out var why)) throw new ArgumentException(why);
        var divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(sourceRateHz, targetRateHz);
        _up = targetRateHz / divisor;
        _down = sourceRateHz / divisor;
        var factor = 1;
        if (_up != _down)
        {
            factor = ResamplerTable.BestDecimation(_up, _down);
            if (factor > 1) _decimator = new ResamplerStage(1, factor, ResamplerTable.ForDecimation(factor, (double)_up / _down));
            _converter = new ResamplerStage(_up, _down / factor, ResamplerTable.ForConversion(_up, _down / factor));
        }

        _between = new float[_decimator is null ? 0 : BlockSamples / factor + 1];
        _silence = new float[(_decimator?.LookAheadSamples ?? 0) + (_converter?.LookAheadSamples ?? 0) * factor];
        LatencySeconds = (double)_silence.Length / sourceRateHz;
    }

    /// <summary>How much input beyond its own time an output sample waits for, in seconds; 0 for equal rates.</summary>
    public double LatencySeconds { get; }

    /// <summary>Whether a source's rate can be converted to a target's; if not, <paramref name="why"/> says it in a sentence.</summary>
    public static bool Supports(int source, int target, out string why)
    {
        why = "";
        foreach (var (name, rate) in (ReadOnlySpan<(string, int)>)[("source", source), ("target", target)])
            if (rate is < LowestRateHz or > HighestRateHz)
                why = FormattableString.Invariant($"The {name} sample rate is {rate} Hz; the resampler takes {LowestRateHz} to {HighestRateHz} Hz.");
        return why.Length == 0;
    }

    /// <summary>Output samples that one <see cref="Process"/> of <paramref name="inputSamples"/> writes at most, a
    /// <see cref="Flush"/> right after it included: <c>MaxOutput(0)</c> is room enough for a flush.</summary>
    public int MaxOutput(int inputSamples) => checked((int)CeilingOfScaled((long)inputSamples + _silence.Length) + 1);

    /// <summary>Takes all of <paramref name="input"/> and writes every output sample that is then complete.</summary>
    /// <returns>Samples written, from 0 to <see cref="MaxOutput"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too short; nothing was taken.</exception>
    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        var due = Complete(_received + input.Length) - Complete(_received);
        if (output.Length < due)
            throw new ArgumentException(FormattableString.Invariant($"The output holds {output.Length} samples; this call writes {due}."), nameof(output));

        _received += input.Length;
        return Convert(input, output);
    }

    /// <summary>Ends the stream: writes the samples that were waiting for input, so that in total there are
    /// ⌈samples · target / source⌉, and makes ready for another stream as <see cref="Reset"/> does.</summary>
    /// <returns>Samples written, at most <c>MaxOutput(0)</c>.</returns>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too short; the stream goes on.</exception>
    public int Flush(Span<float> output)
    {
        // Rounding up twice, in two steps, may make one sample more than rounding up once: only as much silence as the total takes.
        var total = CeilingOfScaled(_received);
        var count = _silence.Length;
        while (count > 0 && Complete(_received + count - 1) >= total) count--;
        var written = Process(_silence.AsSpan(0, count), output);
        Reset();
        return written;
    }

    /// <summary>Forgets all input: the next sample is the first of a new stream.</summary>
    public void Reset()
    {
        _decimator?.Reset();
        _converter?.Reset();
        _received = 0;
    }

    private int Convert(ReadOnlySpan<float> input, Span<float> output)
    {
        if (_converter is null)
        {
            input.CopyTo(output);
            return input.Length;
        }

        if (_decimator is null) return _converter.Process(input, output);

        var written = 0;
        while (!input.IsEmpty)
        {
            var block = input[..Math.Min(input.Length, BlockSamples)];
            var count = _decimator.Process(block, _between);
            written += _converter.Process(_between.AsSpan(0, count), output[written..]);
            input = input[block.Length..];
        }

        return written;
    }

    private long Complete(long received) =>
        _converter is null ? received : _converter.Complete(_decimator?.Complete(received) ?? received);

    private long CeilingOfScaled(long samples) => (samples * _up + _down - 1) / _down;
}
