using System.Globalization;

namespace HeartSound.Edge.Records;

/// <summary>
/// The folder that records lie in. Their names are time and examination, nothing about a person: <c>20260301T120000Z-0195f3c2….hsrec</c>. Files with other names are not ours
/// and never touched. For one thread.
/// </summary>
/// <param name="folder">Made, for the owner alone, when the first record is.</param>
public sealed class RecordStore(string folder)
{
    /// <summary>How the name of a record ends.</summary>
    public const string Extension = ".hsrec";

    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const long BytesOfMegabyte = 1_000_000;

    /// <summary>Where they lie.</summary>
    public string Folder => folder;

    /// <summary>What the disk has free, in bytes, for whoever is not root.</summary>
    /// <exception cref="IOException">The folder is on no disk that answers.</exception>
    public long FreeBytes() => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Makes the folder, if it is not there.</summary>
    /// <exception cref="IOException">That is not possible.</exception>
    /// <exception cref="UnauthorizedAccessException">That is not allowed.</exception>
    public void Prepare() => Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>A new, empty file that only its owner can read.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public FileStream Create(DateTimeOffset start, Guid examination) =>
        new(Path.Combine(folder, $"{start.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{examination:N}{Extension}"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });

    /// <summary>All records, the oldest first; empty where there is no folder.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public IReadOnlyList<StoredRecord> List() =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*" + Extension).Select(Read).OfType<StoredRecord>().OrderBy(r => r.Start).ThenBy(r => r.Path, StringComparer.Ordinal).ToList() : [];

    /// <summary>Deletes what is older than <see cref="RecordOptions.KeepDays"/>, then the oldest until all fit into <see cref="RecordOptions.MaxMegabytes"/>, and returns how many went.</summary>
    /// <param name="options">How much may stay.</param>
    /// <param name="now">The time.</param>
    /// <param name="except">The record that is being written, which always stays.</param>
    /// <exception cref="IOException">One cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be deleted.</exception>
    public int Retain(RecordOptions options, DateTimeOffset now, string? except = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var records = List();
        var bytes = records.Sum(r => r.Bytes);
        var gone = 0;
        foreach (var record in records)
        {
            var old = now - record.Start > TimeSpan.FromDays(options.KeepDays);
            if (record.Path == except || (!old && bytes <= options.MaxMegabytes * BytesOfMegabyte)) continue;
            File.Delete(record.Path);
            bytes -= record.Bytes;
            gone++;
        }

        return gone;
    }

    private static StoredRecord? Read(FileInfo file)
    {
        var name = Path.GetFileNameWithoutExtension(file.Name.AsSpan());
        var dash = name.IndexOf('-');
        return dash > 0 && file.LinkTarget is null
            && DateTimeOffset.TryParseExact(name[..dash], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var start)
            && Guid.TryParseExact(name[(dash + 1)..], "N", out var examination)
            ? new StoredRecord(file.FullName, start, examination, file.Length) : null;
    }
}
