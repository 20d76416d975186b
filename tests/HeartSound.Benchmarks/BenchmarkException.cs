namespace HeartSound.Benchmarks;

/// <summary>Something that a comparison needs is missing or failed; the message says what to do.</summary>
public sealed class BenchmarkException(string message) : Exception(message);
