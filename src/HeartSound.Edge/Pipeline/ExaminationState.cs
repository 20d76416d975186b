namespace HeartSound.Edge.Pipeline;

/// <summary>Where an examination is, for those who watch from other threads. Immutable; a new one for every change.</summary>
/// <param name="Phase">Between one verdict and the next.</param>
/// <param name="Site">Where the chest piece is now; null when nobody said, and between two sites.</param>
/// <param name="Id">Of the examination under way; null when there is none.</param>
/// <param name="Heard">Sites of it that were heard already, in order; empty when nobody named one.</param>
public sealed record ExaminationState(ExaminationPhase Phase, Site? Site, Guid? Id, IReadOnlyList<Site> Heard)
{
    /// <summary>Nothing is listened to.</summary>
    public static ExaminationState Nothing { get; } = new(ExaminationPhase.Idle, null, null, []);

    /// <summary>Whether the examination under way goes by sites.</summary>
    public bool IsBySite => Site is not null || Phase == ExaminationPhase.BetweenSites;

    public bool Equals(ExaminationState? other) => other is not null && Phase == other.Phase && Site == other.Site && Id == other.Id && Heard.SequenceEqual(other.Heard);

    public override int GetHashCode() => HashCode.Combine(Phase, Site, Id, Heard.Count);
}
