namespace HeartSound.Edge.Health;

/// <summary>How one part is.</summary>
/// <param name="Level">How well.</param>
/// <param name="Cause">One word that programs may compare, such as <c>unplugged</c>; names are only ever added.</param>
/// <param name="Message">The same for a person, with what to do; null when all is well.</param>
/// <param name="Since">When it became so.</param>
public sealed record PartHealth(PartLevel Level, string Cause, string? Message, DateTimeOffset Since);
