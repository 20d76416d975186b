using System.CommandLine;
using System.Text;

namespace HeartSound.Edge.Commands;

/// <summary>Where an export goes. What it writes is about people: only its owner may read a file of it.</summary>
internal static class ExportOutput
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Option<string?> Option(string helpName, string description) => new("--out") { Description = description, HelpName = helpName };

    public static bool IsFolder(string? path) => path is not null && (path.EndsWith('/') || Directory.Exists(path));

    /// <summary>A file in a folder, which is made where it is not there.</summary>
    /// <exception cref="SetupException">It cannot be made.</exception>
    public static string In(string folder, string name)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return Path.Combine(folder, name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{folder}: cannot be made: {e.Message}", e);
        }
    }

    /// <param name="path">Null for standard output.</param>
    /// <param name="write">Called once.</param>
    /// <exception cref="SetupException">It cannot be written.</exception>
    public static void Write(string? path, Action<TextWriter> write)
    {
        if (path is null)
        {
            write(Console.Out);
            Console.Out.Flush();
            return;
        }

        try
        {
            using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
            using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            write(writer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{path}: cannot be written: {e.Message}", e);
        }
    }
}
