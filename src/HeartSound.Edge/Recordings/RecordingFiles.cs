namespace HeartSound.Edge.Recordings;

/// <summary>Turns the paths that a person gave into the recordings to read.</summary>
public static class RecordingFiles
{
    private static readonly EnumerationOptions EverythingVisible = new() { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };

    /// <summary>
    /// A file is taken as it is named, whatever its name ends with. A folder is searched with all folders below it for names that
    /// end with .wav or .flac in any case, hidden ones left out, in ordinal order of their paths. Links to folders are followed,
    /// each real folder is searched once. No file comes twice. Never throws for what is on the disk: that is in <see cref="FoundRecordings.Failures"/>.
    /// </summary>
    public static FoundRecordings Find(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var files = new List<string>();
        var failures = new List<RecordingException>();
        var seenFiles = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var found = new List<string>();
            if (path.Length > 0 && Directory.Exists(path))
            {
                var failuresBefore = failures.Count;
                Search(path, found, failures);
                found.Sort(StringComparer.Ordinal);
                if (found.Count == 0 && failures.Count == failuresBefore)
                    failures.Add(new RecordingException(RecordingFault.NotFound, path, "is a folder without recordings (.wav, .flac); name another, or the files themselves"));
            }
            else
            {
                found.Add(path);
            }

            foreach (var file in found)
                if (seenFiles.Add(IsUsable(file) ? Path.GetFullPath(file) : file)) files.Add(file);
        }

        return new FoundRecordings(files, failures);
    }

    private static void Search(string root, List<string> found, List<RecordingException> failures)
    {
        var searched = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>();
        waiting.Push(root);
        while (waiting.TryPop(out var folder))
        {
            try
            {
                if (!searched.Add(RealPath.Of(folder))) continue;
                foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", EverythingVisible))
                {
                    var path = Path.Combine(folder, entry.Name);
                    if (Directory.Exists(path)) waiting.Push(path);
                    else if (IsRecordingName(entry.Name)) found.Add(path);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.SecurityException)
            {
                failures.Add(new RecordingException(RecordingFault.Unreadable, folder, $"is a folder that cannot be searched: {e.Message}", e));
            }
        }
    }

    private static bool IsUsable(string path) => path.Length > 0 && !path.Contains('\0');

    private static bool IsRecordingName(string name)
        => name.EndsWith(".wav", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".flac", StringComparison.OrdinalIgnoreCase);
}
