using HeartSound.Signal;

namespace HeartSound.Edge.Pipeline;

/// <summary>How good the sound behind a verdict was.</summary>
public sealed record VerdictQuality
{
    /// <summary>Mean score of all windows, 0 (worthless) to 1 (excellent); null when there was none.</summary>
    public double? Score { get; init; }

    /// <summary>Windows that were heard.</summary>
    public int Windows { get; init; }

    /// <summary>Windows that count.</summary>
    public int AcceptedWindows { get; init; }

    /// <summary>Seconds that lie in accepted windows, each counted once.</summary>
    public double GoodSeconds { get; init; }

    /// <summary>How many windows were rejected for which reason.</summary>
    public IReadOnlyDictionary<QualityReason, int> Rejected { get; init; } = new Dictionary<QualityReason, int>();

    /// <summary>Places where samples were lost or damaged.</summary>
    public long Gaps { get; init; }

    /// <summary>Samples that were NaN or infinite.</summary>
    public long FaultySamples { get; init; }
}
