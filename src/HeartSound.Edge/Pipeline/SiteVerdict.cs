namespace HeartSound.Edge.Pipeline;

/// <summary>What was heard at one site of an examination. Immutable.</summary>
/// <param name="Site">Where the chest piece was.</param>
/// <param name="Verdict">Over what was heard there, as if it were the whole examination.</param>
public sealed record SiteVerdict(Site Site, Verdict Verdict);
