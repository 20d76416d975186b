namespace HeartSound.Edge.Inference;

/// <summary>What a recording must offer before the model's opinion becomes a verdict. Part of the manifest.</summary>
public sealed record VerdictRules
{
    /// <summary>Seconds of the recording that must lie in accepted windows; at least one window long.</summary>
    public double MinGoodSeconds { get; init; } = 5;

    /// <summary>Slowest heart rate that is believed, in beats per minute.</summary>
    public double MinHeartRateBpm { get; init; } = 35;

    /// <summary>Fastest heart rate that is believed, in beats per minute.</summary>
    public double MaxHeartRateBpm { get; init; } = 200;
}
