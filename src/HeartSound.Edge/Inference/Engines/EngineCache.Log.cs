using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Inference.Engines;

public sealed partial class EngineCache
{
    [LoggerMessage(3501, LogLevel.Information, "Engine {Name} was built in {Seconds} s and is kept, {Bytes} bytes")]
    private partial void LogKept(string name, double seconds, long bytes);

    [LoggerMessage(3502, LogLevel.Warning, "Engine {Name} is no good and is deleted: {Reason}")]
    private partial void LogRejected(string name, string reason);

    [LoggerMessage(3503, LogLevel.Information, "{Path} is deleted: whoever made it died on the way")]
    private partial void LogLeftover(string path);

    [LoggerMessage(3504, LogLevel.Information, "Engine {Name} is deleted: newer ones take its room, or it cannot be read")]
    private partial void LogPruned(string name);
}
