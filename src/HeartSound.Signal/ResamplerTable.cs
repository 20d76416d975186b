using MathNet.Numerics;

namespace HeartSound.Signal;

/// <summary>
/// A resampler's low-pass filter, one row of taps for each place an output sample can take between two input samples.
/// A Kaiser-windowed sinc, designed in double precision and kept as float: rounding the taps leaves its stop band near −140 dB.
/// Where the exact rows would be too many (44,101 Hz to 2 kHz needs 2,000 rows of 1,300), neighbouring rows are interpolated.
/// <para>Frequencies here are fractions of the input's Nyquist frequency.</para>
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

    // What one inner product costs beside its taps, in taps: 12 ns, where 17 taps take 1 ns (measured with 256-bit vectors).
    private const int OverheadTaps = 200;

    private readonly float[] _rows;
    private readonly int _phases;    // rows an input sample
    private readonly int _up;

    private ResamplerTable(int up, double pass, double stop)
    {
        _up = up;
        Taps = TapsFor(pass, stop);

        // A sinusoid of w radians a sample, interpolated linearly over 1 / phases of a sample, is off by (w / phases)² / 8.
        var exact = (long)up * Taps <= MaxExactTaps;
        _phases = exact ? up : (int)Math.Ceiling(Math.PI * stop / Math.Sqrt(8 * InterpolationError));
        _rows = new float[(exact ? _phases : _phases + 1) * Taps];

        var row = new double[Taps];
        for (var index = 0; index < _rows.Length; index += Taps)
        {
            Design(row, (double)(index / Taps) / _phases, (pass + stop) / 2);
            for (var tap = 0; tap < Taps; tap++) _rows[index + tap] = (float)row[tap];
        }
    }

    /// <summary>Length of every row, a multiple of <see cref="ResamplerKernel.Lanes"/>.</summary>
    public int Taps { get; }

    /// <summary>The filter that brings input to up / down of its rate and takes out all that lies beyond the lower Nyquist frequency.</summary>
    public static ResamplerTable ForConversion(int up, int down)
    {
        var bandwidth = Math.Min(1, (double)up / down);
        return new ResamplerTable(up, PassBand * bandwidth, bandwidth);
    }

    /// <summary>The filter of a first step down by <paramref name="factor"/>, when a second step will keep only <paramref name="bandwidth"/>:
    /// it takes out what would fold into that, and leaves the rest to the second.</summary>
    public static ResamplerTable ForDecimation(int factor, double bandwidth) =>
        new(1, PassBand * bandwidth, 2.0 / factor - bandwidth);

    /// <summary>The first step down, a divisor of <paramref name="down"/>, with which two steps cost least; 1 where one step costs less.</summary>
    public static int BestDecimation(int up, int down)
    {
        var bandwidth = (double)up / down;
        double Cost(double perInput, double pass, double stop) => perInput * (TapsFor(pass, stop) + OverheadTaps);

        var best = 1;
        var least = Cost(bandwidth, PassBand * bandwidth, bandwidth);
        for (var factor = 2; factor * bandwidth < 1; factor++)
        {
            if (down % factor != 0) continue;
            var rest = factor * bandwidth;
            var cost = Cost(1.0 / factor, PassBand * bandwidth, 2.0 / factor - bandwidth) + Cost(bandwidth, PassBand * rest, rest);
            if (cost < least) (best, least) = (factor, cost);
        }

        return best;
    }

    /// <summary>The output sample that lies <paramref name="phase"/> / up of a sample behind <c>samples[Taps / 2 − 1]</c>.</summary>
    public float Apply(int phase, ReadOnlySpan<float> samples)
    {
        if (_phases == _up) return ResamplerKernel.Dot(_rows.AsSpan(phase * Taps, Taps), samples);
        var (row, remainder) = Math.DivRem((long)phase * _phases, _up);
        var before = ResamplerKernel.Dot(_rows.AsSpan((int)row * Taps, Taps), samples);
        var after = ResamplerKernel.Dot(_rows.AsSpan((int)(row + 1) * Taps, Taps), samples);
        return before + (float)remainder / _up * (after - before);
    }

    private static int TapsFor(double pass, double stop)
    {
        var taps = (StopBandDecibels - 7.95) / (2.285 * Math.PI * (stop - pass)) + 1;
        return (int)Math.Ceiling(taps / ResamplerKernel.Lanes) * ResamplerKernel.Lanes;
    }

    // One row: the taps for an output sample `offset` samples behind the middle.
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
