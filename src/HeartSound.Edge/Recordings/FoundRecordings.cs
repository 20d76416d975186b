namespace HeartSound.Edge.Recordings;

/// <summary>The files to read, in order, and the folders that could not be searched or hold no recording.</summary>
public sealed record FoundRecordings(IReadOnlyList<string> Files, IReadOnlyList<RecordingException> Failures);
