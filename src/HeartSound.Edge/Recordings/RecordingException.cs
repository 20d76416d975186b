namespace HeartSound.Edge.Recordings;

/// <summary>A recording cannot be read. The message names the file, what is wrong, and what to do.</summary>
public sealed class RecordingException : Exception
{
    public RecordingException(RecordingFault kind, string path, string whatIsWrong, Exception? cause = null)
        : base($"{Printable(path)} {whatIsWrong}", cause)
    {
        Kind = kind;
        Path = path;
    }

    public RecordingFault Kind { get; }

    /// <summary>As the caller gave it; unlike the message it may hold control characters.</summary>
    public string Path { get; }

    /// <summary>A file's name may hold escape sequences that a terminal would obey.</summary>
    private static string Printable(string path) => path.Length == 0 ? "\"\"" : string.Concat(path.Select(c => char.IsControl(c) ? '?' : c));
}
