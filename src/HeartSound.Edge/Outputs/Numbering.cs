namespace HeartSound.Edge.Outputs;

/// <summary>Where the numbers of verdicts go on. Immutable.</summary>
/// <param name="Series">Of this numbering.</param>
/// <param name="Last">The last number given in it; 0 for none.</param>
public sealed record Numbering(Guid Series, long Last)
{
    /// <summary>A new one.</summary>
    public static Numbering Fresh() => new(Guid.CreateVersion7(), 0);
}
