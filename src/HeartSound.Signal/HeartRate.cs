namespace HeartSound.Signal;

/// <summary>
/// Heart rate from the autocorrelation of the loudness of band-passed windows, 30 to 220 beats per minute. One thread.
/// </summary>
public sealed class HeartRate
{
    private const double MinBpm = 30;
    private const double MaxBpm = 220;

    private readonly HeartRateEnvelope _envelope;
    private readonly float[] _correlation;
    private readonly double[] _sum;
    private int _windows;

    /// <param name="sampleRateHz">Rate of the windows' samples, in hertz, at least 500.</param>
    public HeartRate(int sampleRateHz)
    {
        _envelope = new HeartRateEnvelope(sampleRateHz);
        _correlation = new float[(int)(4 * _envelope.RateHz) + 2];
        _sum = new double[_correlation.Length];
    }

    /// <summary>The estimate over all windows since the last <see cref="Reset"/>.</summary>
    public HeartRateEstimate Current => _windows == 0 ? default : Pick(_sum, 1.0 / _windows);

    /// <summary>Takes one more window of the recording, band-passed; windows may overlap.</summary>
    public void Add(ReadOnlySpan<float> bandedWindow)
    {
        HeartRateAutocorrelation.Compute(_envelope.Of(bandedWindow), _correlation);
        for (var i = 0; i < _sum.Length; i++) _sum[i] += _correlation[i];
        _windows++;
    }

    /// <summary>The estimate of one window alone; what was added is not touched.</summary>
    public HeartRateEstimate Of(ReadOnlySpan<float> bandedWindow)
    {
        HeartRateAutocorrelation.Compute(_envelope.Of(bandedWindow), _correlation);
        Span<double> sum = stackalloc double[_correlation.Length];
        for (var i = 0; i < sum.Length; i++) sum[i] = _correlation[i];
        return Pick(sum, 1);
    }

    /// <summary>Forgets all windows.</summary>
    public void Reset()
    {
        Array.Clear(_sum);
        _windows = 0;
    }

    private HeartRateEstimate Pick(ReadOnlySpan<double> correlation, double scale)
    {
        var first = (int)Math.Ceiling(60 / MaxBpm * _envelope.RateHz);
        var last = (int)(60 / MinBpm * _envelope.RateHz);
        var best = -1;
        var bestScore = 0.0;
        for (var lag = first; lag <= last; lag++)
        {
            var score = correlation[lag] + 0.5 * correlation[2 * lag];
            if (score <= bestScore) continue;
            bestScore = score;
            best = lag;
        }

        if (best < 0) return default;
        return new HeartRateEstimate(60 * _envelope.RateHz / best, Math.Clamp(correlation[best] * scale, 0, 1));
    }
}
