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
            The loader said: {cause.Message.Split('\n')[0].Trim()}
            """,
            cause) => Library = library;

    /// <summary>The library's soname; empty when it is not known.</summary>
    public string Library { get; } = "";
}
