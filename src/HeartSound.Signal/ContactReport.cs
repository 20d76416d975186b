namespace HeartSound.Signal;

/// <summary>What <see cref="ContactHints"/> says of the sound at this moment.</summary>
public readonly record struct ContactReport
{
    public ContactHint Hint { get; init; }

    /// <summary>Where in the stream the sound that was judged ends, in seconds.</summary>
    public double AtSeconds { get; init; }

    /// <summary>Where in the stream <see cref="Hint"/> took the place of another, in seconds.</summary>
    public double SinceSeconds { get; init; }

    /// <summary>RMS about the mean of the last second at most, in dB of full scale; −200 for silence.</summary>
    public double LevelDb { get; init; }
}

/// <summary>Called every 0.25 s of sound, on the thread that listens.</summary>
public delegate void ContactHandler(in ContactReport report);
