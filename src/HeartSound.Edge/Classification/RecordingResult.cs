using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Classification;

/// <summary>What became of one recording: a verdict, or the reason why there is none. Immutable.</summary>
internal sealed record RecordingResult
{
    public required string File { get; init; }

    /// <summary>Null when the recording failed.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>Why the recording failed; null when it did not.</summary>
    public string? Error { get; init; }

    /// <summary>What was odd about the file, though it could be read.</summary>
    public string? Warning { get; init; }

    public double Seconds { get; init; }
    public int SampleRateHz { get; init; }
    public IReadOnlyList<WindowResult> Windows { get; init; } = [];
}
