namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>What waits for the broker, as <c>health</c> says it. Immutable.</summary>
public sealed record OutboxPart
{
    /// <summary>Verdicts that the broker has not acknowledged.</summary>
    public required int Waiting { get; init; }

    /// <summary>Of those verdicts.</summary>
    public required long Bytes { get; init; }

    /// <summary>How long the oldest of them has waited, while the device ran; null when none waits.</summary>
    public required double? OldestSeconds { get; init; }

    /// <summary>Verdicts that were lost because too many waited, or for too long, since the series began.</summary>
    public required long Dropped { get; init; }

    /// <summary>Of the numbering.</summary>
    public required Guid Series { get; init; }

    /// <summary>The last number given in it.</summary>
    public required long LastSequence { get; init; }
}
