using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Commands;

/// <summary>The log of a service: standard error, with the journal's priorities where systemd reads it.</summary>
internal static class ServiceLog
{
    /// <summary>systemd sets it where standard output or standard error is the journal.</summary>
    private const string JournalVariable = "JOURNAL_STREAM";

    public static ILoggerFactory Create(bool verbose) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        if (Environment.GetEnvironmentVariable(JournalVariable) is { Length: > 0 })
        {
            builder.AddSystemdConsole();
        }
        else
        {
            builder.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
            });
        }

        builder.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
