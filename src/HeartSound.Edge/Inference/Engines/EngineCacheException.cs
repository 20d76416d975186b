namespace HeartSound.Edge.Inference.Engines;

/// <summary>The folder for engines cannot be used, or an engine cannot be put into it. The message names the folder, what is wrong and what to do.</summary>
public sealed class EngineCacheException(string message, Exception? cause = null) : Exception(message, cause);
