namespace HeartSound.Signal;

/// <summary>Thresholds of <see cref="SignalQuality"/>. They travel with the model. Immutable.</summary>
public sealed record QualityGates
{
    /// <summary>Peak at or below which a channel is dead, in dB of full scale.</summary>
    public double DeadPeakDb { get; init; } = -84;

    /// <summary>RMS below which a window is too quiet, in dB of full scale.</summary>
    public double MinLevelDb { get; init; } = -70;

    /// <summary>Largest share of samples in flat runs, 0 to 1.</summary>
    public double MaxFlatFraction { get; init; } = 0.3;

    /// <summary>Largest share of clipped samples, 0 to 1.</summary>
    public double MaxClippedFraction { get; init; } = 0.1;

    /// <summary>Smallest ratio of energy up to 200 Hz to that above, in dB.</summary>
    public double MinInBandRatioDb { get; init; } = 1;

    /// <summary>Largest ratio of the loudest 0.5 s frame to the median one.</summary>
    public double MaxSpikeRatio { get; init; } = 12;

    /// <summary>Smallest correlation of the loudness with itself one beat later, 0 to 1.</summary>
    public double MinPeriodicity { get; init; } = 0.25;
}
