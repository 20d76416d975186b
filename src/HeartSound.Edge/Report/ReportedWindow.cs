namespace HeartSound.Edge.Report;

/// <summary>One window of a recording as a report shows it.</summary>
public sealed record ReportedWindow
{
    public required double StartSeconds { get; init; }

    public required double EndSeconds { get; init; }

    /// <summary>0 to 1; null when the model did not see the window.</summary>
    public double? AlarmProbability { get; init; }

    /// <summary>Whether the window was good enough to count.</summary>
    public required bool Accepted { get; init; }

    /// <summary>Why it was not accepted, in a word or two.</summary>
    public string Reason { get; init; } = "";
}
