using System.Numerics.Tensors;

namespace HeartSound.Signal;

/// <summary>
/// Judges whether a window can be classified. A wrong "normal" is the worst outcome, so silence, noise, talk and lost contact
/// must not pass. One thread; allocates nothing after construction. docs/signal.md has the figures.
/// </summary>
public sealed partial class SignalQuality
{
    private const double SilenceDb = -200;
    private const double NothingDb = 60;    // ratios are kept within ± this
    private const double Tiny = 1e-20;      // power; −200 dB

    private readonly QualityGates _gates;
    private readonly HeartRate _heartRate;
    private readonly HeartRateEnvelope _envelope;
    private readonly float[] _framePeaks = new float[128];
    private readonly float[] _sorted;
    private readonly int _sampleRateHz;

    public SignalQuality(FrontEndSpec spec, QualityGates gates)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(gates);
        _gates = gates;
        _sampleRateHz = spec.SampleRateHz;
        _heartRate = new HeartRate(spec.SampleRateHz);
        _envelope = new HeartRateEnvelope(spec.SampleRateHz);
        _sorted = new float[(int)(60 * _envelope.RateHz) + 1]; // the longest window a spec allows
        _stretch = new float[(int)Math.Round(StretchSeconds * _envelope.RateHz / Stride)];
    }

    /// <summary>Judges one window, given three ways. Windows longer than 60 s are judged by their first 60 s of loudness.</summary>
    /// <param name="source">At the source's own rate, as it came.</param>
    /// <param name="sourceRateHz">Rate of <paramref name="source"/>, in hertz.</param>
    /// <param name="wideband">At the spec's rate, before the band-pass.</param>
    /// <param name="banded">At the spec's rate, after the band-pass.</param>
    public QualityReport Assess(ReadOnlySpan<float> source, int sourceRateHz, ReadOnlySpan<float> wideband, ReadOnlySpan<float> banded)
    {
        if (source.IsEmpty || wideband.IsEmpty || banded.IsEmpty) return Unusable(QualityReason.Dead);
        var (_, variance) = Moments(source);
        var (_, wide) = Moments(wideband);
        var (_, inside) = Moments(banded);
        if (!double.IsFinite(variance + wide + inside)) return Unusable(QualityReason.Fault);

        var max = TensorPrimitives.Max(source);
        var min = TensorPrimitives.Min(source);
        var range = max - min;
        var report = new QualityReport
        {
            LevelDb = Decibel(variance, 10),
            PeakDb = Decibel(Math.Max(max, -min), 20),
            FlatFraction = (double)CountFlat(source, Math.Max(8, sourceRateHz / 50)) / source.Length,
        };
        if (Decibel(range / 2, 20) <= _gates.DeadPeakDb) return report with { Reason = QualityReason.Dead };
        if (report.LevelDb < _gates.MinLevelDb) return report with { Reason = QualityReason.TooQuiet };
        if (report.FlatFraction > _gates.MaxFlatFraction) return report with { Reason = QualityReason.FlatLine };

        var loudness = _envelope.Of(banded);
        if (loudness.Length > _sorted.Length) loudness = loudness[.._sorted.Length];
        var (contrast, pause) = SoundsAndPauses(loudness);
        report = report with
        {
            ClippedFraction = (double)CountOutside(source, min + 0.01f * range, max - 0.01f * range) / source.Length,
            InBandRatioDb = Math.Clamp(10 * Math.Log10((inside + Tiny) / (Math.Max(0, wide - inside) + Tiny)), -NothingDb, NothingDb),
            MeanFrequencyHz = _sampleRateHz / (2 * Math.PI) * Math.Sqrt(MeanSquareStep(wideband) / (inside + Tiny)),
            SpikeRatio = SpikeRatio(banded),
            ContrastDb = contrast,
            BeatContrastDb = BeatContrastDb(loudness),
            PauseSeconds = pause,
            Periodicity = _heartRate.OfLoudness(loudness).Strength,
        };
        var grade = QualityGrade.Of(report);
        return report with { Score = grade.Score, Reason = Gate(report, grade) };
    }

    private QualityReason Gate(in QualityReport report, QualityGrade grade)
    {
        if (report.ClippedFraction > _gates.MaxClippedFraction) return QualityReason.Clipped;
        if (report.InBandRatioDb < _gates.MinInBandRatioDb || report.MeanFrequencyHz > _gates.MaxMeanFrequencyHz) return QualityReason.Noise;
        if (report.SpikeRatio > _gates.MaxSpikeRatio) return QualityReason.Spikes;
        if (report.ContrastDb < _gates.MinContrastDb || report.BeatContrastDb < _gates.MinBeatContrastDb || report.PauseSeconds > _gates.MaxPauseSeconds
            || report.Periodicity < _gates.MinPeriodicity)
            return QualityReason.NoHeartbeat;
        return grade.Score < _gates.MinScore ? grade.Worst : QualityReason.Good;
    }

    private (double ContrastDb, double PauseSeconds) SoundsAndPauses(ReadOnlySpan<float> loudness)
    {
        if (loudness.IsEmpty) return (0, 0);
        var sorted = _sorted.AsSpan(0, loudness.Length);
        loudness.CopyTo(sorted);
        sorted.Sort();
        var loud = sorted[(int)(0.9 * sorted.Length)];
        var soft = sorted[(int)(0.2 * sorted.Length)];

        int pause = 0, longest = 0;
        foreach (var value in loudness)
        {
            pause = value < 0.3f * loud ? pause + 1 : 0;
            if (pause > longest) longest = pause;
        }

        return (Math.Min(NothingDb, 20 * Math.Log10((loud + 1e-10) / (soft + 1e-10))), longest / _envelope.RateHz);
    }

    private double SpikeRatio(ReadOnlySpan<float> banded)
    {
        var frameSamples = Math.Max(1, _sampleRateHz / 2);
        var frames = Math.Min(_framePeaks.Length, banded.Length / frameSamples);
        if (frames == 0) return 1;
        var peaks = _framePeaks.AsSpan(0, frames);
        for (var i = 0; i < frames; i++) peaks[i] = Math.Abs(TensorPrimitives.MaxMagnitude(banded.Slice(i * frameSamples, frameSamples)));
        peaks.Sort();
        return Math.Min(1000, peaks[^1] / (double)Math.Max(peaks[frames / 2], 1e-9f));
    }

    private static QualityReport Unusable(QualityReason reason) => new() { Reason = reason, LevelDb = SilenceDb, PeakDb = SilenceDb };

    private static double Decibel(double value, double factor) => value > 0 ? Math.Max(SilenceDb, factor * Math.Log10(value)) : SilenceDb;
}
