namespace HeartSound.Signal;

/// <summary>What heart and what contact <see cref="Simulator"/> imitates. Immutable.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Rate of the samples, in hertz; 1,000 to 192,000.</summary>
    public int SampleRateHz { get; init; } = 4000;

    /// <summary>Mean heart rate, in beats per minute; 30 to 220.</summary>
    public double HeartRateBpm { get; init; } = 72;

    /// <summary>Standard deviation of a beat's length, as a share of it; 0 to 0.2.</summary>
    public double RateVariability { get; init; } = 0.02;

    /// <summary>Breaths per minute; 0 for none, up to 60. Breathing moves rate (± 3 %), loudness (± 15 %) and the split of S2.</summary>
    public double RespirationPerMinute { get; init; } = 15;

    /// <summary>Murmur between the sounds.</summary>
    public Murmur Murmur { get; init; } = Murmur.None;

    /// <summary>Peak RMS of the murmur as a share of <see cref="Level"/>; 0 to 1. A loud one is near 0.3.</summary>
    public double MurmurLevel { get; init; } = 0.15;

    /// <summary>Peak of a typical S1, full scale being 1; 0 (silence: nothing but the noise) to 1.</summary>
    public double Level { get; init; } = 0.3;

    /// <summary>RMS of the noise floor in decibels relative to <see cref="Level"/> (to full scale where <see cref="Level"/> is 0); −120 to 20.</summary>
    public double NoiseLevelDb { get; init; } = -45;

    /// <summary>Where the stethoscope leaves the skin, in seconds from the start.</summary>
    public double ContactLossFromSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>Where the stethoscope is back on the skin, in seconds from the start.</summary>
    public double ContactLossToSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>Further losses of contact at random, a minute, each of 1 to 4 s; 0 to 20.</summary>
    public double ContactLossesPerMinute { get; init; }

    /// <summary>The same seed gives the same samples.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Everything that is out of range, each with its name, value and range; empty when sound.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        void Check(bool ok, string name, object value, string range)
        {
            if (!ok) faults.Add(FormattableString.Invariant($"{name} is {value}, must be {range}"));
        }

        Check(SampleRateHz is >= 1000 and <= 192000, "sampleRateHz", SampleRateHz, "1000 to 192000");
        Check(HeartRateBpm is >= 30 and <= 220, "heartRateBpm", HeartRateBpm, "30 to 220");
        Check(RateVariability is >= 0 and <= 0.2, "rateVariability", RateVariability, "0 to 0.2");
        Check(RespirationPerMinute is >= 0 and <= 60, "respirationPerMinute", RespirationPerMinute, "0 to 60");
        Check(Enum.IsDefined(Murmur), "murmur", Murmur, "none, systolic or diastolic");
        Check(MurmurLevel is >= 0 and <= 1, "murmurLevel", MurmurLevel, "0 to 1");
        Check(Level is >= 0 and <= 1, "level", Level, "0 to 1");
        Check(NoiseLevelDb is >= -120 and <= 20, "noiseLevelDb", NoiseLevelDb, "-120 to 20");
        Check(ContactLossFromSeconds >= 0, "contactLossFromSeconds", ContactLossFromSeconds, "at least 0");
        Check(ContactLossToSeconds >= ContactLossFromSeconds, "contactLossToSeconds", ContactLossToSeconds, "at least contactLossFromSeconds");
        Check(ContactLossesPerMinute is >= 0 and <= 20, "contactLossesPerMinute", ContactLossesPerMinute, "0 to 20");
        return faults;
    }
}
