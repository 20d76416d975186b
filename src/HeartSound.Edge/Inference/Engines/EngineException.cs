namespace HeartSound.Edge.Inference.Engines;

/// <summary>An engine cannot be built, loaded or asked; the message says why. Never the end of the device: the CPU computes.</summary>
/// <param name="message">Why.</param>
/// <param name="isAnswerWrong">Whether it computes, and wrongly: trying again would change nothing.</param>
/// <param name="isKeptBad">Whether what was kept of it is to blame, and not the GPU of the moment.</param>
/// <param name="cause">What was thrown.</param>
public sealed class EngineException(string message, bool isAnswerWrong = false, bool isKeptBad = false, Exception? cause = null) : Exception(message, cause)
{
    public bool IsAnswerWrong { get; } = isAnswerWrong;

    public bool IsKeptBad { get; } = isKeptBad;
}
