using System.Diagnostics;
using HeartSound.Native.LibC;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>
/// Engines on disk, so that one is built once and not at every start. Thread-safe, and several processes may use a folder at once.
/// <code>
/// Probe ─→ Find ─┬→ engine
///                └→ none, or one that is no good and is deleted ─→ Begin ─→ (the provider builds into the draft) ─→ Seal ─→ engine
///
/// folder/  5b1f…-fp16-…/       an engine: what the provider wrote, and entry.json with its key and the SHA-256 of every file
///          .building-…/  .lock a draft; its owner holds the lock, so that those of dead processes are known and removed
///          timing/             what was measured while building, for every engine
///          builds.json         how long the last builds took
/// </code>
/// An engine has its name only when all of it is on the disk. What is in the cache is only ever worth the time to build it again: whatever is doubtful is deleted.
/// </summary>
public sealed partial class EngineCache
{
    internal const string DraftPrefix = ".building-";
    internal const string LockSuffix = ".lock";

    private const string OldPrefix = ".old-";
    private const string ProbePrefix = ".probe-";
    private const string TimingName = "timing";
    private const string LockName = ".lock";

    // EWOULDBLOCK (errno.h), which .NET gives as the HResult of an IOException when another holds the file.
    private const int WouldBlock = 11;

    /// <summary>For a lock that others hold for the time of a few renames or of reading one engine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ILogger _log;
    private readonly TimeProvider _time;

    /// <param name="folder">Made by <see cref="Probe"/>, where it is not there.</param>
    /// <param name="time">For when an engine was built.</param>
    /// <param name="log">Where it is said what was deleted and why.</param>
    public EngineCache(string folder, TimeProvider time, ILogger<EngineCache> log)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.GetFullPath(folder);
        _time = time;
        _log = log;
    }

    public string Folder { get; }

    /// <summary>What TensorRT measured while building (<c>trt_timing_cache_path</c>); it makes the next build faster, and its content is TensorRT's own business.</summary>
    public string TimingFolder => Path.Combine(Folder, TimingName);

    /// <summary>Makes the folder, and writes a file in it through to the disk: whether an engine could be kept is known before one is built.</summary>
    /// <exception cref="EngineCacheException">It cannot be.</exception>
    public void Probe() => Guard("cannot be written", () =>
    {
        Directory.CreateDirectory(TimingFolder);
        var probe = Path.Combine(Folder, ProbePrefix + Guid.NewGuid().ToString("N"));
        try
        {
            Write(probe, new byte[4096]);
        }
        finally
        {
            File.Delete(probe);
        }

        DiskSync.Flush(Folder);
        using var locked = Lock();
        return true;
    });

    /// <summary>The engine for exactly this key, all of which was read and is what was written. One that is not is deleted.</summary>
    /// <param name="key">All that it must be for.</param>
    /// <param name="rejected">Why one that was there was deleted; null when there was none, or it is good.</param>
    /// <exception cref="EngineCacheException">The folder cannot be used.</exception>
    public CachedEngine? Find(EngineKey key, out string? rejected)
    {
        ArgumentNullException.ThrowIfNull(key);
        var name = key.FolderName;
        var path = Path.Combine(Folder, name);
        string? fault = null;
        var found = Guard("cannot be read", () =>
        {
            if (!Directory.Exists(Folder)) return null;
            using var locked = Lock();
            if (!Exists(path)) return null;
            (var entry, fault) = EngineEntry.Read(path);
            if (entry is not null) fault = key.DifferenceTo(entry.Key) is { } difference ? $"it is for another key: {difference}" : entry.FindFault(path);
            if (fault is null) return new CachedEngine(path, entry!);
            LogRejected(name, fault);
            Delete(path);
            return null;
        });
        rejected = fault;
        return found;
    }

    /// <summary>A folder to build an engine into; the caller disposes it. What dead processes have left of theirs is removed.</summary>
    /// <exception cref="EngineCacheException">It cannot be made.</exception>
    public EngineDraft Begin(EngineKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Guard("cannot be written", () =>
        {
            Directory.CreateDirectory(TimingFolder);
            using var locked = Lock();
            RemoveLeftovers();
            var draft = new EngineDraft(this, key, Path.Combine(Folder, DraftPrefix + Guid.NewGuid().ToString("N")));
            if (TimesInDraft(key)) CopyTimings(TimingFolder, draft.Folder);
            return draft;
        });
    }

    /// <summary>Deletes the engine for a key, which was found to be no good in another way than by its files.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EngineCacheException">It cannot be deleted.</exception>
    public bool Remove(EngineKey key, string why)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Guard("cannot be written", () =>
        {
            var path = Path.Combine(Folder, key.FolderName);
            if (!Directory.Exists(Folder)) return false;
            using var locked = Lock();
            if (!Exists(path)) return false;
            LogRejected(key.FolderName, why);
            Delete(path);
            return true;
        });
    }

    /// <summary>How long building this will take, going by the last time: of this model in this precision, else of this model, else of any; null where none was ever built here.</summary>
    public TimeSpan? ExpectedBuild(EngineKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var builds = EngineBuilds.Read(Folder);
        var last = builds.LastOrDefault(b => b.ModelSha256 == key.ModelSha256 && b.Precision == key.Precision) ?? builds.LastOrDefault(b => b.ModelSha256 == key.ModelSha256) ?? (builds is [.., var newest] ? newest : null);
        return last is null ? null : TimeSpan.FromSeconds(last.Seconds);
    }

    /// <summary>Deletes what is no good, then the oldest engines until at most <paramref name="keepEngines"/> and <paramref name="keepBytes"/> are left. One that a process uses always stays.</summary>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="EngineCacheException">The folder cannot be used.</exception>
    public int Prune(int keepEngines = 4, long keepBytes = 1L << 30) => Guard("cannot be written", () =>
    {
        if (!Directory.Exists(Folder)) return 0;
        using var locked = Lock();
        RemoveLeftovers();
        var (engines, bytes, deleted) = (0, 0L, 0);
        foreach (var (path, entry, size, _) in Engines().OrderByDescending(e => e.Entry?.Number ?? -1).ThenBy(e => e.Path, StringComparer.Ordinal).ToList())
        {
            engines++;
            bytes += size;
            if (entry is not null && ((engines <= keepEngines && bytes <= keepBytes) || IsUsed(path))) continue;
            engines--;
            bytes -= size;
            deleted++;
            LogPruned(Path.GetFileName(path));
            Delete(path);
        }

        return deleted;
    });

    /// <summary>What is there, the newest first.</summary>
    /// <exception cref="EngineCacheException">The folder cannot be read.</exception>
    public IReadOnlyList<StoredEngine> List() => Guard("cannot be read", () => !Directory.Exists(Folder) ? [] : Engines()
        .OrderByDescending(e => e.Entry?.Number ?? -1).ThenBy(e => e.Path, StringComparer.Ordinal)
        .Select(e => new StoredEngine(Path.GetFileName(e.Path), e.Entry?.Key, e.Entry?.Built, e.Entry is null ? null : TimeSpan.FromSeconds(e.Entry.BuildSeconds), e.Bytes, e.Fault)).ToList());

    /// <summary>Deletes every engine, also one that a process uses – it has it in memory – and what was measured; how long builds took is still known.</summary>
    /// <returns>How many engines were deleted.</returns>
    /// <exception cref="EngineCacheException">Something cannot be deleted.</exception>
    public int Clear() => Guard("cannot be written", () =>
    {
        if (!Directory.Exists(Folder)) return 0;
        using var locked = Lock();
        RemoveLeftovers();
        var engines = Engines().ToList();
        foreach (var (path, _, _, _) in engines) Delete(path);
        foreach (var file in Directory.Exists(TimingFolder) ? Directory.GetFiles(TimingFolder) : []) File.Delete(file);
        return engines.Count;
    });

    /// <summary>Whether a file is what TensorRT measured, not part of an engine.</summary>
    internal static bool IsTiming(string name) => name.EndsWith(".timing", StringComparison.Ordinal);

    /// <summary>Takes what was measured out of a draft, for the next one.</summary>
    internal void KeepTimings(string draft)
    {
        foreach (var path in Directory.GetFiles(draft, "*.timing")) File.Move(path, Path.Combine(TimingFolder, Path.GetFileName(path)), overwrite: true);
    }

    /// <summary>Gives a draft, all of which is on the disk, its name.</summary>
    internal CachedEngine Keep(EngineKey key, string draft, TimeSpan buildTime, IReadOnlyList<EngineFile> files)
    {
        using var locked = Lock();
        var name = key.FolderName;
        var path = Path.Combine(Folder, name);
        var number = Engines().Select(e => e.Entry?.Number ?? 0).DefaultIfEmpty().Max() + 1;
        var entry = EngineEntry.Make(key, number, _time.GetUtcNow(), buildTime, files);
        Write(Path.Combine(draft, EngineEntry.FileName), entry.ToJson());
        DiskSync.Flush(draft);

        // A folder cannot be renamed over one that holds something. Between the two renames there is no engine; never half of one.
        var old = Exists(path) ? Path.Combine(Folder, OldPrefix + Guid.NewGuid().ToString("N")) : null;
        if (old is not null) Directory.Move(path, old);
        Directory.Move(draft, path);
        DiskSync.Flush(Folder);
        if (old is not null) Delete(old);
        EngineBuilds.Add(Folder, new EngineBuild(key.ModelSha256, key.Precision, Math.Round(buildTime.TotalSeconds, 3)));
        LogKept(name, entry.BuildSeconds, entry.Bytes);
        return new CachedEngine(path, entry);
    }

    /// <summary>Does something with the folder; what goes wrong says what to do.</summary>
    internal T Guard<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new EngineCacheException(
                $"The folder for engines, {Folder}, {what}: {e.Message} Without it one would be built at every start, for minutes. Make room on its disk, give it to the user that this program runs as (chown -R), or name another with engine.cacheFolder.", e);
        }
    }

    internal static void Write(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        DiskSync.Flush(path);
    }

    /// <summary>Whether somebody holds the file, or nobody can say that none does.</summary>
    private static bool IsHeld(string file)
    {
        try
        {
            File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.None).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Keeps other instances and processes out until it is disposed, or this process is dead (<c>flock(2)</c>).</summary>
    private FileStream Lock()
    {
        var since = Stopwatch.GetTimestamp();
        var path = Path.Combine(Folder, LockName);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException e) when (e.HResult == WouldBlock && Stopwatch.GetElapsedTime(since) < Patience)
            {
                Thread.Sleep(20);
            }
        }
    }

    /// <summary>ONNX Runtime 1.15 and 1.16 keep what they measure beside the engine, and cannot be told another place.</summary>
    private static bool TimesInDraft(EngineKey key) => key.OnnxRuntime.StartsWith("1.15.", StringComparison.Ordinal) || key.OnnxRuntime.StartsWith("1.16.", StringComparison.Ordinal);

    private static void CopyTimings(string from, string to)
    {
        foreach (var path in Directory.GetFiles(from, "*.timing")) File.Copy(path, Path.Combine(to, Path.GetFileName(path)));
    }

    private static bool IsUsed(string engine) => IsHeld(Path.Combine(engine, EngineEntry.FileName));

    // A link counts as there, also one that leads nowhere.
    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private IEnumerable<(string Path, EngineEntry? Entry, long Bytes, string? Fault)> Engines()
    {
        foreach (var info in new DirectoryInfo(Folder).EnumerateFileSystemInfos())
        {
            if (info.Name.StartsWith('.') || info.Name is TimingName or EngineBuilds.FileName) continue;
            if (info is not DirectoryInfo { LinkTarget: null } folder)
            {
                yield return (info.FullName, null, 0, "it is no folder");
                continue;
            }

            var (entry, fault) = EngineEntry.Read(folder.FullName);
            if (entry is not null && entry.Key.FolderName != folder.Name) (entry, fault) = (null, "it is for another key");
            yield return (folder.FullName, entry, folder.EnumerateFiles().Sum(f => f.Length), fault);
        }
    }

    /// <summary>Removes what was on its way when its process died.</summary>
    private void RemoveLeftovers()
    {
        foreach (var path in Directory.GetFileSystemEntries(Folder, ".*"))
        {
            var name = Path.GetFileName(path);
            var isDraft = name.StartsWith(DraftPrefix, StringComparison.Ordinal);
            if (isDraft ? !IsHeld(name.EndsWith(LockSuffix, StringComparison.Ordinal) ? path : path + LockSuffix) : name.StartsWith(OldPrefix, StringComparison.Ordinal) || name.StartsWith(ProbePrefix, StringComparison.Ordinal))
            {
                LogLeftover(path);
                Delete(path);
            }
        }
    }

    private static void Delete(string path)
    {
        if (new DirectoryInfo(path) is { Exists: true, LinkTarget: null } folder) folder.Delete(recursive: true);
        else File.Delete(path);
    }
}
