namespace HeartSound.Signal;

/// <summary>
/// One polyphase filter of the <see cref="Resampler"/>, over a stream: output <c>n</c> lies <c>n · down / up</c> samples into the
/// input, with zeros before the first.
/// </summary>
internal sealed class ResamplerStage
{
    // New samples the buffer takes before the filter's memory is moved to its front, which then costs next to nothing.
    private const int BlockSamples = 4096;

    private readonly int _up;
    private readonly int _down;
    private readonly ResamplerTable _table;
    private readonly float[] _buffer;
    private int _held;                     // samples in _buffer
    private int _start;                    // where in _buffer the next output's taps begin; may lie beyond _held
    private int _phase;                    // the next output lies _phase / _up of a sample behind an input sample

    public ResamplerStage(int up, int down, ResamplerTable table)
    {
        _up = up;
        _down = down;
        _table = table;
        _buffer = new float[table.Taps + BlockSamples];
        Reset();
    }

    /// <summary>Input samples beyond its own time that an output sample waits for.</summary>
    public int LookAheadSamples => _table.Taps / 2;

    /// <summary>Outputs that <paramref name="received"/> input samples complete, from the start of the stream.</summary>
    public long Complete(long received) => (Math.Max(0, received - LookAheadSamples) * _up + _down - 1) / _down;

    /// <summary>Takes all of <paramref name="input"/> and writes every output that is then complete.</summary>
    /// <returns>Samples written.</returns>
    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        var written = 0;
        while (!input.IsEmpty)
        {
            var taken = Math.Min(input.Length, _buffer.Length - _held);
            input[..taken].CopyTo(_buffer.AsSpan(_held));
            input = input[taken..];
            _held += taken;
            written += Filter(output[written..]);
            if (_held == _buffer.Length) MoveToFront();
        }

        return written;
    }

    /// <summary>Forgets all input: the next sample is the first of a new stream.</summary>
    public void Reset()
    {
        // The first output's taps reach that far back before the first sample.
        _held = LookAheadSamples - 1;
        _buffer.AsSpan(0, _held).Clear();
        _start = 0;
        _phase = 0;
    }

    private int Filter(Span<float> output)
    {
        var written = 0;
        while (_start + _table.Taps <= _held)
        {
            output[written++] = _table.Apply(_phase, _buffer.AsSpan(_start, _table.Taps));
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
}
