namespace HeartSound.Signal;

/// <summary>
/// Heart rate of a recording, 30 to 220 beats per minute, from the autocorrelation of the loudness of its band-passed windows. One thread;
/// allocates nothing after construction for windows up to 60 s.
/// </summary>
public sealed class HeartRate
{
    private readonly HeartRateEnvelope _envelope;
    private readonly float[] _correlation;
    private readonly double[] _one;
    private readonly double[] _sum;
    private int _windows;

    /// <param name="sampleRateHz">Rate of the windows' samples, in hertz, at least 500.</param>
    public HeartRate(int sampleRateHz)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 500);
        _envelope = new HeartRateEnvelope(sampleRateHz);
        _correlation = new float[HeartRateLag.Length(_envelope.RateHz)];
        _one = new double[_correlation.Length];
        _sum = new double[_correlation.Length];
    }

    /// <summary>The estimate over all windows since the last <see cref="Reset"/>: their correlations' mean, so that chance peaks cancel.</summary>
    public HeartRateEstimate Current => _windows == 0 ? default : Estimate(_sum, _windows);

    /// <summary>Takes one more window of the recording, band-passed. Windows may overlap and differ in length; below 4 s they cannot show two slow beats.</summary>
    public void Add(ReadOnlySpan<float> bandedWindow)
    {
        Correlate(_envelope.Of(bandedWindow));
        for (var i = 0; i < _sum.Length; i++) _sum[i] += _correlation[i];
        _windows++;
    }

    /// <summary>The estimate of one window alone; what was added is not touched.</summary>
    public HeartRateEstimate Of(ReadOnlySpan<float> bandedWindow) => OfLoudness(_envelope.Of(bandedWindow));

    /// <summary>Forgets all windows.</summary>
    public void Reset()
    {
        Array.Clear(_sum);
        _windows = 0;
    }

    /// <summary>As <see cref="Of"/>, from an envelope, which is used up.</summary>
    internal HeartRateEstimate OfLoudness(Span<float> loudness)
    {
        Correlate(loudness);
        for (var i = 0; i < _one.Length; i++) _one[i] = _correlation[i];
        return Estimate(_one, 1);
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

    private HeartRateEstimate Estimate(ReadOnlySpan<double> sum, int windows)
    {
        var lag = HeartRateLag.Find(sum, _envelope.RateHz);
        if (double.IsNaN(lag)) return default;
        var bpm = Math.Clamp(60 * _envelope.RateHz / lag, HeartRateLag.MinBpm, HeartRateLag.MaxBpm);
        return new HeartRateEstimate(bpm, Math.Clamp(sum[(int)Math.Round(lag)] / windows, 0, 1));
    }
}
