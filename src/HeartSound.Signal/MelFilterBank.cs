namespace HeartSound.Signal;

/// <summary>
/// Triangular mel filters on Slaney's scale with Slaney's area normalisation: the matrix of
/// <c>torchaudio.functional.melscale_fbanks(norm='slaney', mel_scale='slaney')</c> in double precision, without its zeros.
/// Immutable, safe for several threads.
/// </summary>
public sealed class MelFilterBank
{
    // Slaney's Auditory Toolbox (1998): linear up to 1 kHz, 200/3 Hz a mel, then 27 mels for each factor of 6.4.
    private const double HzPerMel = 200.0 / 3;
    private const double BreakHz = 1000;
    private const double BreakMel = BreakHz / HzPerMel;
    private static readonly double LogStep = Math.Log(6.4) / 27;

    private readonly double[][] _weights;
    private readonly int[] _firstBins;

    /// <summary>Filters over the bins 0 to <paramref name="fftSamples"/> / 2 of a power spectrum.</summary>
    /// <param name="sampleRateHz">Rate of the samples that were transformed, in hertz.</param>
    /// <param name="fftSamples">Length of the transform; even.</param>
    /// <param name="bands">Number of filters, at least 1.</param>
    /// <param name="lowHz">Lower foot of the lowest triangle.</param>
    /// <param name="highHz">Upper foot of the highest triangle, above <paramref name="lowHz"/>, at most half the rate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public MelFilterBank(int sampleRateHz, int fftSamples, int bands, double lowHz, double highHz)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(fftSamples, 2);
        ArgumentOutOfRangeException.ThrowIfNotEqual(int.IsEvenInteger(fftSamples), true, nameof(fftSamples));
        ArgumentOutOfRangeException.ThrowIfLessThan(bands, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(lowHz);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(highHz, sampleRateHz / 2.0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(lowHz, highHz);

        Bands = bands;
        _weights = new double[bands][];
        _firstBins = new int[bands];
        var lowMel = ToMel(lowHz);
        var melStep = (ToMel(highHz) - lowMel) / (bands + 1);
        // torchaudio spans its bins from 0 to sample_rate // 2, which for an odd rate is half a hertz short. So do we.
        var hzPerBin = (double)(sampleRateHz / 2) / (fftSamples / 2);
        var empty = new List<int>();
        FirstBin = int.MaxValue;
        LastBin = -1;
        for (var band = 0; band < bands; band++)
        {
            var (left, centre, right) = (ToHz(lowMel + band * melStep), ToHz(lowMel + (band + 1) * melStep), ToHz(lowMel + (band + 2) * melStep));
            double Weight(int bin) => 2 / (right - left) * Math.Min((bin * hzPerBin - left) / (centre - left), (right - bin * hzPerBin) / (right - centre));

            var first = (int)Math.Floor(left / hzPerBin);
            while (first <= fftSamples / 2 && first * hzPerBin < right && Weight(first) <= 0) first++;
            var end = first;
            while (end <= fftSamples / 2 && Weight(end) > 0) end++;

            _firstBins[band] = first;
            _weights[band] = new double[end - first];
            for (var bin = first; bin < end; bin++) _weights[band][bin - first] = Weight(bin);
            if (end == first)
            {
                empty.Add(band);
                continue;
            }

            FirstBin = Math.Min(FirstBin, first);
            LastBin = Math.Max(LastBin, end - 1);
        }

        if (LastBin < 0) FirstBin = 0;
        EmptyBands = empty;
    }

    public int Bands { get; }

    /// <summary>Lowest bin that any filter looks at.</summary>
    public int FirstBin { get; }

    /// <summary>Highest bin that any filter looks at; −1 if all filters are empty.</summary>
    public int LastBin { get; }

    /// <summary>Bands, counted from 0, whose triangle lies between two bins, so that they are always 0, whatever is heard.
    /// A spec with such bands asks for more mel bands than its FFT can tell apart.</summary>
    public IReadOnlyList<int> EmptyBands { get; }

    /// <summary>Weights of one band for <paramref name="firstBin"/> and the bins above it; all positive, per hertz.</summary>
    public ReadOnlySpan<double> Weights(int band, out int firstBin)
    {
        firstBin = _firstBins[band];
        return _weights[band];
    }

    private static double ToMel(double hz) => hz < BreakHz ? hz / HzPerMel : BreakMel + Math.Log(hz / BreakHz) / LogStep;

    private static double ToHz(double mel) => mel < BreakMel ? mel * HzPerMel : BreakHz * Math.Exp(LogStep * (mel - BreakMel));
}
