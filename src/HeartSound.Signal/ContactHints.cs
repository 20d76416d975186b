using System.Numerics.Tensors;

namespace HeartSound.Signal;

/// <summary>
/// Says four times a second how the chest piece is held, from the front end's glances and by the model's own gates. It is quicker than <see cref="SignalQuality"/>
/// of a window and knows less: it is for the person at the stethoscope, and no verdict depends on it. One thread; allocates nothing after construction.
/// docs/signal.md has the figures.
/// </summary>
public sealed class ContactHints
{
    /// <summary>What all but knocks is judged by: the least in which any heart from 60 a minute up is heard.</summary>
    private const int RecentSeconds = 1;

    /// <summary>A channel is dead when it is for so long: no pause between two beats is without all noise.</summary>
    private const double DeadSeconds = 0.5;

    /// <summary>Noise comes in bursts where its mean is so far above its median; 99 of 100 seconds of steady noise lie below 1.6.</summary>
    private const double BurstRatio = 2;

    /// <summary>Blocks of 50 ms, a short knock each.</summary>
    private const int BlocksPerSecond = 20;

    /// <summary>Below this share of the gate, a second of a good recording has as many samples near its extremes by chance.</summary>
    private const double ClippedShareOfGate = 1 / 3.0;

    private readonly SignalQuality _quality;
    private readonly QualityGates _gates;
    private readonly int _sampleRateHz;
    private readonly int _sourceRateHz;
    private readonly double _deadRange; // full scale is ±1
    private readonly double[] _blocks = new double[RecentSeconds * BlocksPerSecond];

    private ContactHint? _hint;
    private double _since;
    private ContactHint? _found;
    private double _foundSince;

    /// <param name="spec">Of the front end whose glances come.</param>
    /// <param name="sourceRateHz">Rate of its source, in hertz.</param>
    /// <param name="gates">The model's.</param>
    public ContactHints(FrontEndSpec spec, int sourceRateHz, QualityGates gates)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(gates);
        _quality = new SignalQuality(spec, gates);
        _gates = gates;
        _sampleRateHz = spec.SampleRateHz;
        _sourceRateHz = sourceRateHz;
        _deadRange = 2 * Math.Pow(10, gates.DeadPeakDb / 20);
    }

    /// <summary>Judges the next glance. Another hint than the present one must be found twice in succession before it takes its place, so that it does not flicker;
    /// <see cref="ContactHint.NoSignal"/>, and the first hint of all, at once.</summary>
    public ContactReport Judge(in SignalWindow glance)
    {
        var (found, level) = Find(glance);
        var isSure = found == _found || found == ContactHint.NoSignal || _hint is null;
        if (found != _found) (_found, _foundSince) = (found, glance.EndSeconds);
        if (isSure && found != _hint) (_hint, _since) = (found, _foundSince);
        return new ContactReport { Hint = _hint!.Value, AtSeconds = glance.EndSeconds, SinceSeconds = _since, LevelDb = level };
    }

    /// <summary>Forgets what was said: the next hint counts at once.</summary>
    public void Reset()
    {
        _hint = null;
        _found = null;
    }

    private (ContactHint Hint, double LevelDb) Find(in SignalWindow glance)
    {
        var source = Last(glance.Source, RecentSeconds * _sourceRateHz);
        var wideband = Last(glance.Wideband, RecentSeconds * _sampleRateHz);
        var recent = _quality.Assess(source, _sourceRateHz, wideband, Last(glance.Banded, RecentSeconds * _sampleRateHz));
        return (Find(glance, recent, source, wideband), recent.LevelDb);
    }

    private ContactHint Find(in SignalWindow glance, in QualityReport recent, ReadOnlySpan<float> source, ReadOnlySpan<float> wideband)
    {
        var lately = Last(source, (int)(DeadSeconds * _sourceRateHz));
        if (TensorPrimitives.Max(lately) - TensorPrimitives.Min(lately) <= _deadRange) return ContactHint.NoSignal;
        switch (recent.Reason)
        {
            case QualityReason.Dead or QualityReason.Fault:
                return ContactHint.NoSignal;
            case QualityReason.TooQuiet:
                return ContactHint.TooQuiet;
            case QualityReason.FlatLine:
                // A waveform that is cut off stands still as well, but at its extremes.
                return ClippedFraction(source) > _gates.MaxClippedFraction ? ContactHint.TooLoud : ContactHint.NoSignal;
            case QualityReason.Clipped when recent.ClippedFraction > ClippedShareOfGate * _gates.MaxClippedFraction:
                return ContactHint.TooLoud;
            case QualityReason.Noise when recent.MeanFrequencyHz > _gates.MaxMeanFrequencyHz:
                return ContactHint.TooNoisy;
            case QualityReason.Noise:
                return Bursts(wideband) ? ContactHint.HoldStill : ContactHint.TooNoisy;
        }

        // A knock is one among frames of half a second: that takes the whole glance.
        if (_quality.Assess(glance.Wideband, _sampleRateHz, glance.Wideband, glance.Banded).Reason == QualityReason.Spikes) return ContactHint.HoldStill;
        return recent.Reason == QualityReason.NoHeartbeat ? ContactHint.PressFirmer : ContactHint.Good;
    }

    private static double ClippedFraction(ReadOnlySpan<float> source)
    {
        var (least, most) = (TensorPrimitives.Min(source), TensorPrimitives.Max(source));
        var margin = 0.01f * (most - least);
        return (double)SignalQuality.CountOutside(source, least + margin, most - margin) / source.Length;
    }

    /// <summary>Whether what is noisy – the steps from sample to sample – comes and goes, as knocks and friction do.</summary>
    private bool Bursts(ReadOnlySpan<float> wideband)
    {
        var blockSamples = _sampleRateHz / BlocksPerSecond;
        var blocks = _blocks.AsSpan(0, Math.Min(_blocks.Length, wideband.Length / blockSamples));
        var sum = 0.0;
        for (var i = 0; i < blocks.Length; i++) sum += blocks[i] = SignalQuality.MeanSquareStep(wideband.Slice(i * blockSamples, blockSamples));
        blocks.Sort();
        return sum > BurstRatio * blocks.Length * blocks[blocks.Length / 2];
    }

    private static ReadOnlySpan<float> Last(ReadOnlySpan<float> samples, int count) => samples[Math.Max(0, samples.Length - count)..];
}
