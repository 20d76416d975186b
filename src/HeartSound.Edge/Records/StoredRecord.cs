namespace HeartSound.Edge.Records;

/// <summary>A file of a folder of records, by its name.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Start">When its first sample was heard, UTC, to the second.</param>
/// <param name="Examination">Which examination it belongs to.</param>
/// <param name="Bytes">How large it is.</param>
public sealed record StoredRecord(string Path, DateTimeOffset Start, Guid Examination, long Bytes);
