using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs.Delivery;

internal sealed partial class Outbox
{
    [LoggerMessage(3111, LogLevel.Information, "{Count} verdicts of before wait in {Path}")]
    private partial void LogFound(int count, string path);

    [LoggerMessage(3112, LogLevel.Error, "The outbox drops its oldest verdicts, {Dropped} for a start: more wait than may. {Count} are left")]
    private partial void LogDropping(int dropped, int count);

    [LoggerMessage(3113, LogLevel.Error, "{Path} is no good: {Reason}. It lies aside as {Aside}; {Count} verdicts of it were kept")]
    private partial void LogReplaced(string path, string reason, string aside, int count);

    [LoggerMessage(3114, LogLevel.Information, "The clock is set: the time on {Count} verdicts that wait was corrected")]
    private partial void LogRestamped(int count);

    [LoggerMessage(3115, LogLevel.Error, "The outbox is damaged: {Reason}")]
    private partial void LogDamaged(string reason);

    [LoggerMessage(3117, LogLevel.Error, "Verdict {Position} in the outbox is not what was written, and is lost: the disk is failing, or somebody has altered it")]
    private partial void LogAltered(long position);

    [LoggerMessage(3116, LogLevel.Error, "{Path} was taken away under the running program; what waits goes into a new one")]
    private partial void LogGone(string path);
}
