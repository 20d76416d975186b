namespace HeartSound.Edge.Records;

/// <summary>A record or its key cannot be used. The message names the file, what is wrong and what to do.</summary>
public sealed class RecordException(string message, Exception? cause = null) : Exception(message, cause);
