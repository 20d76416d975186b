namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>The outbox's file is there but no good to this program: damaged, or of a newer one. The message says which.</summary>
internal sealed class OutboxFileException(string message, Exception? cause = null) : Exception(message, cause);
