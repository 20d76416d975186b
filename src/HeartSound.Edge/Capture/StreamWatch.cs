namespace HeartSound.Edge.Capture;

/// <summary>
/// Says how a stream is from the samples that come and from those that do not: listening, silent, stuck, at a wrong rate, or frozen. Allocates nothing after the
/// constructor. Not for several threads.
/// </summary>
internal sealed class StreamWatch(int sampleRateHz)
{
    /// <summary>So long the same value, or nothing at all, is a fault.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>So long a stream may take to begin (PulseAudio's null sink needs up to 2 s when it was asleep, USB some ms).</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(1.8);

    /// <summary>How much later than before a sound server may deliver, in seconds: PulseAudio's null sink was seen to be 0.25 s off in its first seconds on a busy
    /// machine. It resamples to what it was asked for, so its rate is hardly ever wrong.</summary>
    private const double ServerSlack = 0.3;

    /// <summary>A look that comes late counts no more than this: it was this process that slept, not the stethoscope.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(100);

    private readonly RateWatch _rate = new(sampleRateHz);
    private long _run;
    private float _value;
    private bool _rateIsWrong;
    private TimeSpan _idle;
    private TimeSpan _looked;
    private bool _begun;

    /// <summary>Samples a second over the last span; 0 when that is not known yet.</summary>
    public double MeasuredHz => _rate.MeasuredHz;

    /// <summary>The stream has been opened, at <paramref name="now"/>.</summary>
    /// <param name="now">On the monotonic clock.</param>
    /// <param name="sameTrouble">It was opened again to cure what is still to be seen: a wrong rate counts until a right one was measured.</param>
    /// <param name="isCard">It comes straight from a card, whose samples come on time.</param>
    public void Restart(TimeSpan now, bool sameTrouble, bool isCard)
    {
        _rate.Restart(isCard ? 0 : ServerSlack);
        _rateIsWrong &= sameTrouble;
        _idle = TimeSpan.Zero;
        _looked = now;
        _begun = false;
    }

    /// <summary>Samples were lost by this machine: the rate is measured anew.</summary>
    public void Lost() => _rate.Restart();

    /// <summary>Nothing came, at <paramref name="now"/>. Returns whether nothing has come for too long.</summary>
    public bool IsFrozen(TimeSpan now)
    {
        var look = now - _looked;
        _idle += look < LongestLook ? look : LongestLook;
        _looked = now;
        return _idle >= (_begun ? Limit : StartLimit);
    }

    /// <summary>Takes all samples that came, up to <paramref name="now"/>, and says how the stream is.</summary>
    /// <returns>Null when nothing can be said yet, because every sample since the start was the same.</returns>
    public CaptureState? Hear(ReadOnlySpan<float> samples, TimeSpan now)
    {
        var waited = now - _looked;
        _idle = TimeSpan.Zero;
        _looked = now;
        _begun = true;

        // Step 1: How long has it been the same value?
        var last = samples[^1];
        var other = samples.LastIndexOfAnyExcept(last);
        if (other >= 0) _run = samples.Length - 1 - other;
        else _run = last.Equals(_value) ? _run + samples.Length : samples.Length;
        _value = last;

        // Step 2: Is the rate right? Where that is not known yet it is as it was.
        if (_rate.Add(samples.Length, now, waited) is { } right) _rateIsWrong = !right;
        if (_run >= sampleRateHz * Limit.TotalSeconds) return last == 0 ? CaptureState.Silent : CaptureState.Stuck;
        if (_rateIsWrong) return CaptureState.RateMismatch;
        return _run < samples.Length ? CaptureState.Listening : null;
    }
}
