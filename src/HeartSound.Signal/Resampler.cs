namespace HeartSound.Signal;

/// <summary>
/// Converts a stream from one integer sample rate to another with a polyphase FIR filter. Not thread-safe; one instance
/// a stream. The filter's delay is taken out: output sample <c>n</c> lies at input time <c>n / targetRate</c>, and
/// what lies before the first and behind the last input sample counts as zero.
/// <para>With the lower of the two Nyquist frequencies as 1: flat within 0.01 dB up to 0.8, and at least 90 dB down from 1 on, so
/// that 0.8 to 1 is lost. Equal rates pass through bit for bit. The same input gives bit-identical output
/// however it is cut into blocks, on any processor.</para>
/// </summary>
public sealed class Resampler
{
    /// <summary>Lowest rate on either side, in hertz.</summary>
    public const int LowestRateHz = 500;

    /// <summary>Highest rate on either side, in hertz.</summary>
    public const int HighestRateHz = 192_000;

    // New samples the buffer takes before the filter's memory is moved to its front: the move costs less than 1 % then.
    private const int BlockSamples = 4096;

    private readonly int _up;              // target = source · up / down, in lowest terms
    private readonly int _down;
    private readonly ResamplerTable? _table; // null: equal rates
    private readonly float[] _buffer;
    private readonly float[] _silence;     // as long as the filter looks ahead
    private int _held;                     // samples in _buffer
    private int _start;                    // where in _buffer the next output's taps begin; may lie beyond _held
    private int _phase;                    // the next output lies _phase / _up input samples behind a sample
    private long _received;

    /// <exception cref="ArgumentException">The rates are not <see cref="Supports">supported</see>.</exception>
    public Resampler(int sourceRateHz, int targetRateHz)
    {
        if (!Supports(sourceRateHz, targetRateHz, out var why)) throw new ArgumentException(why);
        var divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(sourceRateHz, targetRateHz);
        _up = targetRateHz / divisor;
        _down = sourceRateHz / divisor;
        if (_up != _down) _table = new ResamplerTable(_up, _down);
        var lookAhead = LookAheadSamples;
        _buffer = new float[_table is null ? 0 : _table.Taps + BlockSamples];
        _silence = new float[lookAhead];
        LatencySeconds = (double)lookAhead / sourceRateHz;
        Reset();
    }

    /// <summary>How much input beyond its own time an output sample waits for, in seconds; 0 for equal rates.</summary>
    public double LatencySeconds { get; }

    private int LookAheadSamples => (_table?.Taps ?? 0) / 2;

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
    public int MaxOutput(int inputSamples) => checked((int)CeilingOfScaled((long)inputSamples + LookAheadSamples) + 1);

    /// <summary>Takes all of <paramref name="input"/> and writes every output sample that is then complete.</summary>
    /// <returns>Samples written, from 0 to <see cref="MaxOutput"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too short; nothing was taken.</exception>
    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        var due = Complete(_received + input.Length) - Complete(_received);
        if (output.Length < due)
            throw new ArgumentException(FormattableString.Invariant($"The output holds {output.Length} samples; this call writes {due}."), nameof(output));

        _received += input.Length;
        if (_table is null)
        {
            input.CopyTo(output);
            return input.Length;
        }

        var written = 0;
        while (!input.IsEmpty)
        {
            var taken = Math.Min(input.Length, _buffer.Length - _held);
            input[..taken].CopyTo(_buffer.AsSpan(_held));
            input = input[taken..];
            _held += taken;
            written += Filter(_table, output[written..]);
            if (_held == _buffer.Length) MoveToFront();
        }

        return written;
    }

    /// <summary>Ends the stream: writes the samples that were waiting for input, so that in total there are
    /// ⌈samples · target / source⌉, and makes ready for another stream as <see cref="Reset"/> does.</summary>
    /// <returns>Samples written, at most <c>MaxOutput(0)</c>.</returns>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too short; the stream goes on.</exception>
    public int Flush(Span<float> output)
    {
        var written = Process(_silence, output);
        Reset();
        return written;
    }

    /// <summary>Forgets all input: the next sample is the first of a new stream.</summary>
    public void Reset()
    {
        // The first output's taps reach that far back before the first sample.
        _held = Math.Max(0, LookAheadSamples - 1);
        _buffer.AsSpan(0, _held).Clear();
        _start = 0;
        _phase = 0;
        _received = 0;
    }

    private int Filter(ResamplerTable table, Span<float> output)
    {
        var written = 0;
        while (_start + table.Taps <= _held)
        {
            output[written++] = table.Apply(_phase, _buffer.AsSpan(_start, table.Taps));
            _phase += _down;
            _start += _phase / _up;
            _phase %= _up;
        }

        return written;
    }

    private void MoveToFront()
    {
        var done = Math.Min(_start, _held);
        _buffer.AsSpan(done, _held - done).CopyTo(_buffer);
        _held -= done;
        _start -= done;
    }

    // Output n looks at input up to ⌊n · down / up⌋ + look-ahead.
    private long Complete(long received) => CeilingOfScaled(Math.Max(0, received - LookAheadSamples));

    private long CeilingOfScaled(long samples) => (samples * _up + _down - 1) / _down;
}
