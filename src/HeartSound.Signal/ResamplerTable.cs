using MathNet.Numerics;

namespace HeartSound.Signal;

/// <summary>
/// The resampler's low-pass filter, one row of taps for each place an output sample can take between two input samples.
/// A Kaiser-windowed sinc, designed in double precision and kept as float: rounding the taps leaves its stop band near −140 dB.
/// Where the exact rows would be too many (44,101 Hz to 2 kHz needs 2,000 rows of 1,300), neighbouring rows are interpolated.
/// </summary>
internal sealed class ResamplerTable
{
    // Kaiser & Schafer 1980: the window's shape and length for a stop band of 92 dB (90 are promised).
    private const double StopBandDecibels = 92;
    private const double Beta = 0.1102 * (StopBandDecibels - 8.7);

    // Fraction of the lower Nyquist frequency that passes unharmed.
    private const double PassBand = 0.8;

    // 256 kB, within the level-2 cache of a Jetson Nano; rates in use need no more (11,025 to 16,000 Hz: 41,000).
    private const int MaxExactTaps = 65_536;

    // Error of interpolating between rows, relative to full scale: −110 dB.
    private const double InterpolationError = 3e-6;

    private readonly float[] _rows;
    private readonly int _phases;    // rows an input sample
    private readonly int _up;

    public ResamplerTable(int up, int down)
    {
        _up = up;
        var bandwidth = Math.Min(1.0, (double)up / down);               // lower Nyquist frequency / source's
        var transition = Math.PI * bandwidth * (1 - PassBand);           // radians a source sample
        var taps = (StopBandDecibels - 7.95) / (2.285 * transition) + 1;
        Taps = (int)Math.Ceiling(taps / ResamplerKernel.Lanes) * ResamplerKernel.Lanes;

        // A sinusoid of w radians a sample, interpolated linearly over 1 / phases of a sample, is off by (w / phases)² / 8.
        var exact = (long)up * Taps <= MaxExactTaps;
        _phases = exact ? up : (int)Math.Ceiling(Math.PI * bandwidth / Math.Sqrt(8 * InterpolationError));
        _rows = new float[(exact ? _phases : _phases + 1) * Taps];

        var row = new double[Taps];
        for (var index = 0; index < _rows.Length; index += Taps)
        {
            Design(row, (double)(index / Taps) / _phases, bandwidth * (1 + PassBand) / 2);
            for (var tap = 0; tap < Taps; tap++) _rows[index + tap] = (float)row[tap];
        }
    }

    /// <summary>Length of every row, a multiple of <see cref="ResamplerKernel.Lanes"/>.</summary>
    public int Taps { get; }

    /// <summary>The output sample that lies <paramref name="phase"/> / up of a sample behind <c>samples[Taps / 2 − 1]</c>.</summary>
    public float Apply(int phase, ReadOnlySpan<float> samples)
    {
        var position = (long)phase * _phases;
        var row = (int)(position / _up);
        var between = (float)(position % _up) / _up;
        var value = ResamplerKernel.Dot(_rows.AsSpan(row * Taps, Taps), samples);
        if (between == 0) return value;
        var next = ResamplerKernel.Dot(_rows.AsSpan((row + 1) * Taps, Taps), samples);
        return value + between * (next - value);
    }

    // One row: the taps for an output sample `offset` samples behind the middle; `cutOff` as a fraction of the source's Nyquist frequency.
    private static void Design(Span<double> row, double offset, double cutOff)
    {
        var half = row.Length / 2;
        var scale = 1 / SpecialFunctions.BesselI0(Beta);
        var sum = 0.0;
        for (var tap = 0; tap < row.Length; tap++)
        {
            var distance = offset + (half - 1 - tap);
            var ratio = distance / half;
            var window = Math.Abs(ratio) < 1 ? SpecialFunctions.BesselI0(Beta * Math.Sqrt(1 - ratio * ratio)) * scale : 0;
            row[tap] = window * cutOff * Trig.Sinc(cutOff * distance);
            sum += row[tap];
        }

        // A constant comes out as that constant, in every row.
        foreach (ref var tap in row) tap /= sum;
    }
}
