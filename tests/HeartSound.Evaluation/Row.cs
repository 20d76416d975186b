namespace HeartSound.Evaluation;

/// <summary>One figure. <paramref name="Low"/> and <paramref name="High"/> bound its 95 % interval.</summary>
internal sealed record Row(string Measure, string Subset, int Count, double Value, double Low, double High);
