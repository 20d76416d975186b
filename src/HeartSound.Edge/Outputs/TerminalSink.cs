using Spectre.Console;

namespace HeartSound.Edge.Outputs;

/// <summary>Verdicts as lines for a person.</summary>
public sealed class TerminalSink(IAnsiConsole console) : IVerdictSink
{
    public string Name => "terminal";

    public void Publish(VerdictMessage message) => console.MarkupLine(VerdictText.Line(message));

    public int Flush(TimeSpan deadline) => 0;

    public void Dispose()
    {
    }
}
