using System.Numerics.Tensors;

namespace HeartSound.Signal;

/// <summary>
/// Judges whether a window can be classified. A wrong "normal" is the worst outcome, so silence, noise, talk and lost contact
/// must not pass. One thread; allocates nothing after construction.
/// </summary>
public sealed class SignalQuality
{
    private const double SilenceDb = -200;

    private readonly QualityGates _gates;
    private readonly HeartRate _heartRate;
    private readonly float[] _framePeaks = new float[128];
    private readonly int _frameSamples;
    private readonly double _lowPass;

    public SignalQuality(FrontEndSpec spec, QualityGates gates)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(gates);
        _gates = gates;
        _heartRate = new HeartRate(spec.SampleRateHz);
        _frameSamples = Math.Max(1, spec.SampleRateHz / 2);
        _lowPass = 1 - Math.Exp(-2 * Math.PI * 200 / spec.SampleRateHz);
    }

    /// <summary>Judges one window, given three ways.</summary>
    /// <param name="source">At the source's own rate, as it came.</param>
    /// <param name="sourceRateHz">Rate of <paramref name="source"/>, in hertz.</param>
    /// <param name="wideband">At the spec's rate, before the band-pass.</param>
    /// <param name="banded">At the spec's rate, after the band-pass.</param>
    public QualityReport Assess(ReadOnlySpan<float> source, int sourceRateHz, ReadOnlySpan<float> wideband, ReadOnlySpan<float> banded)
    {
        if (source.IsEmpty || banded.IsEmpty) return new QualityReport { Reason = QualityReason.Dead, LevelDb = SilenceDb, PeakDb = SilenceDb };
        var energy = (double)TensorPrimitives.SumOfSquares(source);
        if (!double.IsFinite(energy)) return new QualityReport { Reason = QualityReason.Fault, LevelDb = SilenceDb, PeakDb = SilenceDb };

        var mean = TensorPrimitives.Sum(source) / (double)source.Length;
        var peak = Math.Abs(TensorPrimitives.MaxMagnitude(source));
        var (clipped, flat) = Runs(source, sourceRateHz);
        var report = new QualityReport
        {
            LevelDb = Decibel(Math.Max(0, energy / source.Length - mean * mean), 10),
            PeakDb = Decibel(peak, 20),
            ClippedFraction = clipped,
            FlatFraction = flat,
            InBandRatioDb = InBandRatio(banded),
            SpikeRatio = SpikeRatio(banded),
            Periodicity = _heartRate.Of(banded).Strength,
        };
        var reason = Gate(report);
        return report with { Reason = reason, Score = reason is QualityReason.Dead ? 0 : Math.Clamp(report.Periodicity, 0, 1) };
    }

    private QualityReason Gate(in QualityReport report)
    {
        if (report.PeakDb <= _gates.DeadPeakDb || report.LevelDb <= _gates.DeadPeakDb) return QualityReason.Dead;
        if (report.LevelDb < _gates.MinLevelDb) return QualityReason.TooQuiet;
        if (report.FlatFraction > _gates.MaxFlatFraction) return QualityReason.FlatLine;
        if (report.ClippedFraction > _gates.MaxClippedFraction) return QualityReason.Clipped;
        if (report.InBandRatioDb < _gates.MinInBandRatioDb) return QualityReason.Noise;
        if (report.SpikeRatio > _gates.MaxSpikeRatio) return QualityReason.Spikes;
        if (report.Periodicity < _gates.MinPeriodicity) return QualityReason.NoHeartbeat;
        return QualityReason.Good;
    }

    private static (double Clipped, double Flat) Runs(ReadOnlySpan<float> source, int sourceRateHz)
    {
        var max = TensorPrimitives.Max(source);
        var min = TensorPrimitives.Min(source);
        var longRun = Math.Max(8, sourceRateHz / 50);
        int clipped = 0, flat = 0;
        for (var i = 0; i < source.Length;)
        {
            var value = source[i];
            var end = i + 1;
            while (end < source.Length && source[end] == value) end++;
            var run = end - i;
            if (run >= longRun) flat += run;
            if (Math.Abs(value) >= 0.999f || (run >= 3 && (value == max || value == min))) clipped += run;
            i = end;
        }

        return ((double)clipped / source.Length, (double)flat / source.Length);
    }

    private double InBandRatio(ReadOnlySpan<float> banded)
    {
        double low = 0, all = 0, once = 0, twice = 0;
        foreach (var x in banded)
        {
            once += _lowPass * (x - once);
            twice += _lowPass * (once - twice);
            low += twice * twice;
            all += (double)x * x;
        }

        return 10 * Math.Log10((low + 1e-20) / (Math.Max(0, all - low) + 1e-20));
    }

    private double SpikeRatio(ReadOnlySpan<float> banded)
    {
        var frames = Math.Min(_framePeaks.Length, banded.Length / _frameSamples);
        if (frames == 0) return 1;
        var peaks = _framePeaks.AsSpan(0, frames);
        for (var i = 0; i < frames; i++) peaks[i] = Math.Abs(TensorPrimitives.MaxMagnitude(banded.Slice(i * _frameSamples, _frameSamples)));
        peaks.Sort();
        return peaks[^1] / (double)Math.Max(peaks[frames / 2], 1e-9f);
    }

    private static double Decibel(double value, double factor) => value > 0 ? Math.Max(SilenceDb, factor * Math.Log10(value)) : SilenceDb;
}
