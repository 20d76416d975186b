namespace HeartSound.Signal;

/// <summary>What <see cref="SignalQuality"/> found in one window.</summary>
public readonly record struct QualityReport
{
    /// <summary>Whether the window may be classified.</summary>
    public bool Accepted => Reason == QualityReason.Good;

    /// <summary>Why not.</summary>
    public QualityReason Reason { get; init; }

    /// <summary>0 to 1; orders windows by quality, the higher the better. Not a probability.</summary>
    public double Score { get; init; }

    /// <summary>RMS about the mean, in dB of full scale; −200 for silence.</summary>
    public double LevelDb { get; init; }

    /// <summary>Largest magnitude, in dB of full scale; −200 for silence.</summary>
    public double PeakDb { get; init; }

    /// <summary>Share of samples at full scale or on a plateau at the window's extremes, 0 to 1.</summary>
    public double ClippedFraction { get; init; }

    /// <summary>Share of samples in runs of one value of 20 ms or more, 0 to 1.</summary>
    public double FlatFraction { get; init; }

    /// <summary>Energy up to 200 Hz over energy above, within what the front end sees, in dB.</summary>
    public double InBandRatioDb { get; init; }

    /// <summary>Largest over median peak of 0.5 s frames.</summary>
    public double SpikeRatio { get; init; }

    /// <summary>How well the loudness repeats at the best heart rate, 0 to 1.</summary>
    public double Periodicity { get; init; }
}
