namespace HeartSound.Edge.Inference;

/// <summary>A model cannot be used. The message names the file, what is wrong and what to do.</summary>
public sealed class ModelException(string message, Exception? cause = null) : Exception(message, cause);
