using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary>Standard output and standard error for people: coloured where a person looks, plain and wide where a file or a pipe does.</summary>
internal static class Terminal
{
    /// <summary>Wide enough for a table with paths in it.</summary>
    private const int RedirectedColumns = 160;

    public static IAnsiConsole Out { get; } = Make(System.Console.Out, System.Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = Make(System.Console.Error, System.Console.IsErrorRedirected);

    private static IAnsiConsole Make(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = RedirectedColumns;
        return console;
    }
}
