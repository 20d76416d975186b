namespace HeartSound.Edge.Commands;

/// <summary>A verb cannot start its work. The message says why and what to do.</summary>
internal sealed class SetupException(string message, Exception? cause = null) : Exception(message, cause);
