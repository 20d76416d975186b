namespace HeartSound.Signal;

/// <summary>
/// Thresholds of <see cref="SignalQuality"/>. They travel with the model. Immutable. The defaults come from the folds 1–4 of PhysioNet 2016
/// (docs/signal.md): each lets more than 99 of 100 windows of recordings labelled good pass, but for <see cref="MinBeatContrastDb"/>, <see cref="MinPeriodicity"/> and <see cref="MinScore"/>.
/// </summary>
public sealed record QualityGates
{
    /// <summary>Half the range of the samples at or below which a channel is dead, in dB of full scale: two steps of 16 bits.</summary>
    public double DeadPeakDb { get; init; } = -84;

    /// <summary>RMS below which a window is too quiet, in dB of full scale: 30 dB above the rounding noise of 16 bits.</summary>
    public double MinLevelDb { get; init; } = -70;

    /// <summary>Largest share of samples in flat runs, 0 to 1.</summary>
    public double MaxFlatFraction { get; init; } = 0.3;

    /// <summary>Largest share of clipped samples, 0 to 1.</summary>
    public double MaxClippedFraction { get; init; } = 0.03;

    /// <summary>Smallest ratio of the energy inside the band to that outside, in dB.</summary>
    public double MinInBandRatioDb { get; init; } = -14;

    /// <summary>Largest mean frequency, in hertz.</summary>
    public double MaxMeanFrequencyHz { get; init; } = 300;

    /// <summary>Largest ratio of the loudest 0.5 s frame to the median one.</summary>
    public double MaxSpikeRatio { get; init; } = 12;

    /// <summary>Smallest contrast of the loudness, in dB.</summary>
    public double MinContrastDb { get; init; } = 6;

    /// <summary>Smallest contrast of the loudness within any 1.4 s, in dB: contact lost for a part of the window fails here. 1 in 50 windows of good
    /// recordings lies below.</summary>
    public double MinBeatContrastDb { get; init; } = 8.8;

    /// <summary>Longest pause between sounds, in seconds; the slowest heart, 30 a minute, makes one of 2 s at most.</summary>
    public double MaxPauseSeconds { get; init; } = 2;

    /// <summary>Smallest correlation of the loudness with itself one beat later, 0 to 1.</summary>
    public double MinPeriodicity { get; init; } = 0.25;

    /// <summary>Smallest score, 0 to 1: a window that is poor in several ways at once fails although no single gate stops it.</summary>
    public double MinScore { get; init; } = 0.2;

    /// <summary>Every gate that is out of range, with its path, value and range; empty when all are sound.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        void Check(double value, string name, double least, double most)
        {
            if (!(value >= least && value <= most)) faults.Add(FormattableString.Invariant($"quality.{name} is {value}, must be {least} to {most}"));
        }

        Check(DeadPeakDb, "deadPeakDb", -200, 0);
        Check(MinLevelDb, "minLevelDb", -200, 0);
        Check(MaxFlatFraction, "maxFlatFraction", 0, 1);
        Check(MaxClippedFraction, "maxClippedFraction", 0, 1);
        Check(MinInBandRatioDb, "minInBandRatioDb", -60, 60);
        Check(MaxMeanFrequencyHz, "maxMeanFrequencyHz", 25, 8000);
        Check(MaxSpikeRatio, "maxSpikeRatio", 1, 1000);
        Check(MinContrastDb, "minContrastDb", 0, 60);
        Check(MinBeatContrastDb, "minBeatContrastDb", 0, 60);
        Check(MaxPauseSeconds, "maxPauseSeconds", 0.5, 60);
        Check(MinPeriodicity, "minPeriodicity", 0, 1);
        Check(MinScore, "minScore", 0, 1);
        return faults;
    }
}
