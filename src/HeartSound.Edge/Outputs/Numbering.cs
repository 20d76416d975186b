namespace HeartSound.Edge.Outputs;

/// <summary>Where the numbers of verdicts stand. Immutable.</summary>
/// <param name="Series">Of this numbering.</param>
/// <param name="Last">The last number given in it; 0 for none.</param>
public sealed record Numbering(Guid Series, long Last)
{
    /// <summary>A new one.</summary>
    public static Numbering Fresh() => new(Guid.CreateVersion7(), 0);

    /// <summary>With the next number given.</summary>
    public Numbering Next() => this with { Last = Last + 1 };

    /// <summary>The verdict with the last number on it.</summary>
    public VerdictMessage On(VerdictMessage verdict) => verdict with { Series = Series, Sequence = Last };
}
