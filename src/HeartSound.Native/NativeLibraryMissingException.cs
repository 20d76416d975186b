namespace HeartSound.Native;

/// <summary>A native library is not installed or cannot be loaded. The message is a numbered list of what to do.</summary>
public sealed class NativeLibraryMissingException : DllNotFoundException
{
    public NativeLibraryMissingException()
    {
    }

    public NativeLibraryMissingException(string message)
        : base(message)
    {
    }

    public NativeLibraryMissingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal NativeLibraryMissingException(string library, string package, Exception cause)
        : base(
            $"""
            The native library {library} cannot be loaded. One of these helps:
              1. On Debian, Ubuntu and JetPack: sudo apt-get install {package}
              2. In a checkout of the source: make setup
              3. If it lies in a folder of its own: start the program with LD_LIBRARY_PATH=/that/folder
            The loader said: {Reason(cause)}
            """,
            cause) => Library = library;

    /// <summary>The library's soname; empty when it is not known.</summary>
    public string Library { get; } = "";

    // .NET lists one line for every name it tried; all say "no such file" unless there is a file that cannot be loaded.
    private static string Reason(Exception cause) =>
        cause.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Skip(1)
            .FirstOrDefault(line => !line.EndsWith("No such file or directory", StringComparison.Ordinal)) ?? "there is no such file.";
}
