namespace HeartSound.Edge.Report;

/// <summary>What is true of all recordings of a report: which model judged them, with what, and when.</summary>
public sealed record ReportInfo
{
    public string Title { get; init; } = "Heart sound report";

    public required string ModelId { get; init; }

    public required string ModelVersion { get; init; }

    /// <summary>Hexadecimal; empty when it is not known.</summary>
    public string ModelSha256 { get; init; } = "";

    /// <summary>Labels that raise the alarm: their probabilities have its colour.</summary>
    public IReadOnlyList<string> AlarmLabels { get; init; } = ["abnormal"];

    /// <summary>Alarm probability at and below which there is no alarm; between this and <see cref="AlarmAbove"/> lies "cannot tell".</summary>
    public required double AlarmBelow { get; init; }

    /// <summary>Alarm probability at and above which there is an alarm.</summary>
    public required double AlarmAbove { get; init; }

    /// <summary>What really ran the model, such as "CPU".</summary>
    public required string Provider { get; init; }

    public required string SoftwareVersion { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>
    /// Recordings that get a picture, some 90 kB each; abnormal ones come first, then inconclusive ones. A page of thousands of
    /// pictures opens in no browser.
    /// </summary>
    public int MaxPictures { get; init; } = 400;
}
