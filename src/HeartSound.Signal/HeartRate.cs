namespace HeartSound.Signal;

/// <summary>
/// Heart rate of a recording, 30 to 220 beats per minute, from the autocorrelation of the loudness of its band-passed windows. Windows that are too
/// short to hold two beats are joined to stretches that do. One thread; allocates nothing after construction for windows up to 60 s.
/// </summary>
public sealed class HeartRate
{
    /// <summary>Windows that follow one another are joined until they are this long; one this long stands alone. Two beats of the slowest heart are 4 s.</summary>
    private const double StretchSeconds = 5;

    /// <summary>A lag is believed where at least this much of a stretch meets itself; less can look like anything.</summary>
    private const double LeastOverlapSeconds = 0.7;

    private readonly HeartRateEnvelope _envelope;
    private readonly float[] _correlation;
    private readonly double[] _one;
    private readonly double[] _sum;
    private readonly int[] _shown;    // stretches in each lag of _sum: a short one shows only short lags
    private float[] _stretch;         // loudness, not smoothed, of the accepted windows that followed one another so far
    private float[] _open;            // a copy of it, to be used up
    private int _length;
    private double _stretchStart;

    /// <param name="sampleRateHz">Rate of the windows' samples, in hertz, at least 500.</param>
    public HeartRate(int sampleRateHz)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 500);
        _envelope = new HeartRateEnvelope(sampleRateHz);
        _correlation = new float[HeartRateLag.Length(_envelope.RateHz)];
        _one = new double[_correlation.Length];
        _sum = new double[_correlation.Length];
        _shown = new int[_correlation.Length];
        _stretch = new float[(int)((60 + StretchSeconds) * _envelope.RateHz)];
        _open = new float[_stretch.Length];
    }

    /// <summary>The estimate over all windows since the last <see cref="Reset"/>: the mean of their stretches' correlations, so that chance peaks cancel.</summary>
    public HeartRateEstimate Current
    {
        get
        {
            if (_length == 0) return Estimate(_sum, _shown);
            Span<double> sum = stackalloc double[_sum.Length];
            Span<int> shown = stackalloc int[_shown.Length];
            _sum.CopyTo(sum);
            _shown.CopyTo(shown);
            _stretch.AsSpan(0, _length).CopyTo(_open);
            AddStretch(_open.AsSpan(0, _length), sum, shown);
            return Estimate(sum, shown);
        }
    }

    /// <summary>Takes one more window of the recording, band-passed. Windows come in order, may overlap and may differ in length.</summary>
    /// <param name="bandedWindow">Its samples.</param>
    /// <param name="startSeconds">Where in the recording it starts: a window that begins within the one before, or where it ends, goes on with it.</param>
    public void Add(ReadOnlySpan<float> bandedWindow, double startSeconds)
    {
        var loudness = _envelope.Blocks(bandedWindow);
        var at = (int)Math.Round((startSeconds - _stretchStart) * _envelope.RateHz);
        var overlap = _length - at;
        if (_length == 0 || at <= 0 || overlap < 0 || overlap > loudness.Length)
        {
            CloseStretch();
            (at, overlap, _stretchStart) = (0, 0, startSeconds);
        }

        if (at + loudness.Length > _stretch.Length)
        {
            Array.Resize(ref _stretch, at + loudness.Length);
            _open = new float[_stretch.Length];
        }

        loudness[overlap..].CopyTo(_stretch.AsSpan(at + overlap));
        _length = at + loudness.Length;
        if (_length >= StretchSeconds * _envelope.RateHz) CloseStretch();
    }

    /// <summary>The estimate of one window alone; what was added is not touched.</summary>
    public HeartRateEstimate Of(ReadOnlySpan<float> bandedWindow) => OfLoudness(_envelope.Of(bandedWindow));

    /// <summary>Forgets all windows.</summary>
    public void Reset()
    {
        Array.Clear(_sum);
        Array.Clear(_shown);
        _length = 0;
    }

    /// <summary>As <see cref="Of"/>, from an envelope, which is used up.</summary>
    internal HeartRateEstimate OfLoudness(Span<float> loudness)
    {
        Correlate(loudness);
        for (var i = 0; i < _one.Length; i++) _one[i] = _correlation[i];
        return Estimate(_one, _one.Length, 1);
    }

    private void CloseStretch()
    {
        AddStretch(_stretch.AsSpan(0, _length), _sum, _shown);
        _length = 0;
    }

    /// <summary>Adds the correlation of a stretch, whose loudness is used up, at every lag that it can show.</summary>
    private void AddStretch(Span<float> loudness, Span<double> sum, Span<int> shown)
    {
        var lags = Math.Min(sum.Length, loudness.Length - (int)(LeastOverlapSeconds * _envelope.RateHz));
        if (lags <= 0) return;
        _envelope.Smooth(loudness);
        Correlate(loudness);
        for (var i = 0; i < lags; i++)
        {
            sum[i] += _correlation[i];
            shown[i]++;
        }
    }

    private void Correlate(Span<float> loudness)
    {
        // The root brings loud and soft sounds closer, so that one knock does not rule the correlation.
        var sum = 0.0;
        for (var i = 0; i < loudness.Length; i++)
        {
            loudness[i] = MathF.Sqrt(loudness[i]);
            sum += loudness[i];
        }

        var mean = loudness.IsEmpty ? 0 : (float)(sum / loudness.Length);
        for (var i = 0; i < loudness.Length; i++) loudness[i] -= mean;
        HeartRateCorrelation.Compute(loudness, _correlation);
    }

    /// <summary>Of sums that not every stretch is in at every lag: brings those that fewer are in to the size of the others.</summary>
    private HeartRateEstimate Estimate(ReadOnlySpan<double> sum, ReadOnlySpan<int> shown)
    {
        var lags = shown.IndexOf(0);
        if (lags < 0) lags = shown.Length;
        var stretches = shown[0];
        for (var i = 0; i < lags; i++) _one[i] = shown[i] == stretches ? sum[i] : sum[i] * stretches / shown[i];
        return Estimate(_one, lags, stretches);
    }

    private HeartRateEstimate Estimate(ReadOnlySpan<double> sum, int lags, int stretches)
    {
        var lag = HeartRateLag.Find(sum[..lags], _envelope.RateHz);
        if (double.IsNaN(lag)) return default;
        var bpm = Math.Clamp(60 * _envelope.RateHz / lag, HeartRateLag.MinBpm, HeartRateLag.MaxBpm);
        return new HeartRateEstimate(bpm, Math.Clamp(sum[(int)Math.Round(lag)] / stretches, 0, 1));
    }
}
