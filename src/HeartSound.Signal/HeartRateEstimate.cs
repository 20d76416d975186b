namespace HeartSound.Signal;

/// <summary>A heart rate and how far to trust it.</summary>
/// <param name="BeatsPerMinute">30 to 220, or null when the envelope repeats nowhere in that range.</param>
/// <param name="Strength">Correlation of the envelope with itself one beat later, 0 (none) to 1 (exact repetition).</param>
public readonly record struct HeartRateEstimate(double? BeatsPerMinute, double Strength);
