namespace HeartSound.Edge.Outputs.Lights;

/// <summary>
/// Lamps as a line of a terminal, rewritten in place, in colours and in shapes that differ without them, with what they mean beside them. Where no person looks
/// (a file, a pipe) only the words are written, a line each time they change. Used by one thread.
/// </summary>
/// <param name="writer">Stays the caller's.</param>
/// <param name="isTerminal">Whether a person looks.</param>
public sealed class TerminalIndicator(TextWriter writer, bool isTerminal) : IIndicator
{
    private const string Escape = "\u001b[";

    private static readonly (Lamps Lamp, string Colour, char Lit)[] Places =
    [
        (Lamps.Activity, "94", '◆'), (Lamps.Normal, "92", '●'), (Lamps.Unsure, "93", '?'), (Lamps.Abnormal, "91", '▲'),
    ];

    private string _words = "";
    private string _written = "";

    public string Name => "terminal";

    /// <summary>On standard error.</summary>
    public static IIndicator OnStandardError() => new TerminalIndicator(Console.Error, !Console.IsErrorRedirected);

    /// <summary>What an indication says, without the heart rate.</summary>
    public static string Words(Indication indication)
    {
        ArgumentNullException.ThrowIfNull(indication);
        var scene = indication.Scene switch
        {
            Scene.WaitingForContact => "waiting for contact",
            Scene.NextSite => "next site",
            _ => indication.Scene.ToString().ToLowerInvariant(),
        };
        if (indication.Verdict is not { } verdict || LightPattern.Verdict(indication) == Rhythm.Dark) return scene;
        return $"{scene}, {(verdict == VerdictLight.CannotTell ? "cannot tell" : verdict.ToString().ToLowerInvariant())}";
    }

    public void Begin(Indication indication)
    {
        _words = Words(indication);
        if (isTerminal || _words == _written) return;
        writer.WriteLine($"lights: {_words}");
        _written = _words;
    }

    public void Set(Lamps lamps)
    {
        if (!isTerminal) return;
        var marks = Places.Select(p => (lamps & p.Lamp) != 0 ? $"{Escape}1;{p.Colour}m{p.Lit}{Escape}0m" : $"{Escape}2m·{Escape}0m");
        writer.Write($"\r{Escape}2K  {string.Join(' ', marks)}  {_words}");
        writer.Flush();
        _written = _words;
    }

    public Lamps? Read() => null;

    public void Dispose()
    {
        if (!isTerminal || _written.Length == 0) return;
        writer.Write($"\r{Escape}2K");
        writer.Flush();
    }
}
