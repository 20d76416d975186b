namespace HeartSound.Edge.Report;

/// <summary>One recording as a report shows it. Everything that is missing is left out of the page; all text is taken as text, never as markup.</summary>
public sealed record ReportedRecording
{
    public required string File { get; init; }

    /// <summary>One of the model's labels, or "inconclusive"; null when the recording could not be judged at all, and <see cref="Error"/> says why.</summary>
    public string? Verdict { get; init; }

    /// <summary>Whether the verdict says that something is wrong with the heart; null when it says neither.</summary>
    public bool? Alarm { get; init; }

    /// <summary>Why the verdict is inconclusive, in a few words: the summary counts by it.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What to do now, for the person who records.</summary>
    public string Advice { get; init; } = "";

    /// <summary>Why the recording could not be judged.</summary>
    public string Error { get; init; } = "";

    /// <summary>What is odd about a file that could be read.</summary>
    public string Warning { get; init; } = "";

    /// <summary>Label to probability, 0 to 1, in the model's order.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Probabilities { get; init; } = [];

    /// <summary>0 to 1.</summary>
    public double? AlarmProbability { get; init; }

    public double? HeartRateBpm { get; init; }

    /// <summary>0 (useless) to 1 (clean).</summary>
    public double? QualityScore { get; init; }

    public double DurationSeconds { get; init; }

    public int SampleRateHz { get; init; }

    /// <summary>As <see cref="WaveformOverview.Min"/>; empty for no picture.</summary>
    public IReadOnlyList<float> WaveformMin { get; init; } = [];

    /// <summary>As <see cref="WaveformOverview.Max"/>; as many as in <see cref="WaveformMin"/>.</summary>
    public IReadOnlyList<float> WaveformMax { get; init; } = [];

    /// <summary>Covers the whole recording; null for none.</summary>
    public LogMelPicture? LogMel { get; init; }

    /// <summary>In the order of time.</summary>
    public IReadOnlyList<ReportedWindow> Windows { get; init; } = [];
}
