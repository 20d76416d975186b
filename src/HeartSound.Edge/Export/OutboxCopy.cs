using HeartSound.Edge.Outputs.Delivery;
using Microsoft.Data.Sqlite;

namespace HeartSound.Edge.Export;

/// <summary>
/// The verdicts that wait in a device's outbox, read from a copy: the file itself stays as it is, also where its device still holds it or its disk can only be read. The
/// caller disposes it, which deletes the copy.
/// </summary>
internal sealed class OutboxCopy : IDisposable
{
    /// <summary>Beside the file: what was written last, and is not in the file yet.</summary>
    private const string LogSuffix = "-wal";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("heartsound-outbox-");
    private readonly string _path;

    /// <exception cref="IOException">There is no outbox in the folder, or it cannot be copied.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public OutboxCopy(string folder)
    {
        var file = Path.Combine(folder, OutboxFile.Name);
        _path = Path.Combine(_folder.FullName, OutboxFile.Name);
        try
        {
            if (!File.Exists(file)) throw new FileNotFoundException($"there is no {OutboxFile.Name} in it");
            File.Copy(file, _path);
            if (File.Exists(file + LogSuffix)) File.Copy(file + LogSuffix, _path + LogSuffix);
            foreach (var copy in _folder.GetFiles()) copy.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // the original may be read-only
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>In the order in which they came.</summary>
    /// <param name="fault">Why it may not be all of them; null when it is.</param>
    public IReadOnlyList<byte[]> Read(out string? fault)
    {
        try
        {
            using var file = OutboxFile.Open(_path);
            fault = null;
            return [.. file.Index().Select(v => v.Position).ToList().Select(file.Read).OfType<byte[]>()];
        }
        catch (Exception e) when (e is OutboxFileException or SqliteException)
        {
            fault = $"it is damaged, or was written to just now, and this is what can be read of it: {e.Message}";
            return [.. OutboxFile.Salvage(_path).Values];
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
