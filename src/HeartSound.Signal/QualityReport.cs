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

    /// <summary>Share of samples within 1 % of the range from the window's own extremes, 0 to 1. A heart spends about 0.0005
    /// there; a waveform that is cut off, at full scale or below, 0.02 and more.</summary>
    public double ClippedFraction { get; init; }

    /// <summary>Share of samples in runs of one value of 20 ms or more, 0 to 1.</summary>
    public double FlatFraction { get; init; }

    /// <summary>Energy inside the spec's band over the energy outside, below and above, in dB; −60 to 60.</summary>
    public double InBandRatioDb { get; init; }

    /// <summary>Root of the mean of the squared frequency, above the band as well, weighed against the energy inside the band, in hertz.
    /// Near 70 for a heart; white noise of the same energy gives some 500.</summary>
    public double MeanFrequencyHz { get; init; }

    /// <summary>Largest over median peak of 0.5 s frames, at least 1.</summary>
    public double SpikeRatio { get; init; }

    /// <summary>Loudness exceeded a tenth of the time over that exceeded four fifths of the time, in dB: how far the sounds stand out of what
    /// lies between them. Near 16 for a heart, 2 for steady noise.</summary>
    public double ContrastDb { get; init; }

    /// <summary>The same within the 1.4 s where it is least, in dB: loudness exceeded a twentieth of that time over that exceeded nine tenths of it.
    /// Near 17 for a heart that is heard throughout, 5 to 8 where contact is lost for 1.5 s or more.</summary>
    public double BeatContrastDb { get; init; }

    /// <summary>Longest time without a sound three tenths as loud as what a tenth of the time exceeds, in seconds.</summary>
    public double PauseSeconds { get; init; }

    /// <summary>How well the loudness repeats at the best heart rate, 0 to 1.</summary>
    public double Periodicity { get; init; }
}
