using HeartSound.Native.LibC;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>A folder that an engine is built into. Who began it disposes it, which deletes it unless it was sealed. For one thread.</summary>
public sealed class EngineDraft : IDisposable
{
    private readonly EngineCache _cache;
    private readonly FileStream _owner;
    private bool _isDone;

    internal EngineDraft(EngineCache cache, EngineKey key, string folder)
    {
        _cache = cache;
        Key = key;
        Folder = folder;
        _owner = new FileStream(folder + EngineCache.LockSuffix, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch
        {
            Release();
            throw;
        }
    }

    public EngineKey Key { get; }

    /// <summary>What to give the provider as <c>trt_engine_cache_path</c>.</summary>
    public string Folder { get; }

    /// <summary>Brings what the provider wrote onto the disk, with the hash of every file, and gives it its place, that of an older one for the same key if there is one. The provider must
    /// be done with it.</summary>
    /// <exception cref="EngineCacheException">The provider wrote nothing, or not all; or the disk fails or is full. The draft is as it was, to be disposed.</exception>
    public CachedEngine Seal(TimeSpan buildTime)
    {
        ObjectDisposedException.ThrowIf(_isDone, this);
        return _cache.Guard("cannot take the engine", () =>
        {
            _cache.KeepTimings(Folder);
            var files = new List<EngineFile>();
            foreach (var info in new DirectoryInfo(Folder).EnumerateFileSystemInfos().OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                if (info is not FileInfo { LinkTarget: null }) throw new IOException($"The provider left {info.Name}, which is no file.");
                if (info.Name == EngineEntry.FileName) continue; // of a seal that failed
                DiskSync.Flush(info.FullName);
                var file = EngineFile.Read(info.FullName);
                if (file.Bytes == 0) throw new IOException($"The provider left {info.Name} empty; it does not say when the disk is full.");
                files.Add(file);
            }

            if (files.Count == 0) throw new IOException("The provider left nothing; it does not say when it cannot write.");
            var engine = _cache.Keep(Key, Folder, buildTime, files);
            _isDone = true;
            Release();
            return engine;
        });
    }

    public void Dispose()
    {
        if (_isDone) return;
        _isDone = true;
        try
        {
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever begins a draft next tries again.
        }

        Release();
    }

    private void Release()
    {
        try
        {
            File.Delete(_owner.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever begins a draft next tries again.
        }

        _owner.Dispose();
    }
}
