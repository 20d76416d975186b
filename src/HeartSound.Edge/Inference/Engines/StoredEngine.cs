namespace HeartSound.Edge.Inference.Engines;

/// <summary>What the cache holds under one name, for a list: its files are not read.</summary>
/// <param name="Name">Of the folder.</param>
/// <param name="Key">For what it was built; null where that cannot be read.</param>
/// <param name="Built">When, by the clock of then.</param>
/// <param name="BuildTime">How long that took.</param>
/// <param name="Bytes">What lies there.</param>
/// <param name="Fault">Why it is no good; null when it looks good.</param>
public sealed record StoredEngine(string Name, EngineKey? Key, DateTimeOffset? Built, TimeSpan? BuildTime, long Bytes, string? Fault);
