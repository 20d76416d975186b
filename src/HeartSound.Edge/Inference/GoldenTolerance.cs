namespace HeartSound.Edge.Inference;

/// <summary>How far a machine may be from the model's goldens and still be trusted. The labels must be identical whatever these are.</summary>
public sealed record GoldenTolerance
{
    /// <summary>Largest difference of a normalised feature.</summary>
    public double Features { get; init; } = 1e-3;

    /// <summary>Largest difference of a logit.</summary>
    public double Logits { get; init; } = 1e-2;
}
