using Microsoft.Win32.SafeHandles;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>An engine in the cache that is what was written. As long as it is not disposed, by who found or sealed it, nobody prunes it, another process neither.</summary>
public sealed class CachedEngine : IDisposable
{
    private readonly EngineEntry _entry;
    private readonly SafeFileHandle _use;

    internal CachedEngine(string folder, EngineEntry entry)
    {
        Folder = folder;
        _entry = entry;
        _use = File.OpenHandle(Path.Combine(folder, EngineEntry.FileName)); // shared with readers, which is a lock that pruning respects
    }

    /// <summary>Where the provider finds it (<c>trt_engine_cache_path</c>).</summary>
    public string Folder { get; }

    public EngineKey Key => _entry.Key;

    /// <summary>By the clock of then.</summary>
    public DateTimeOffset Built => _entry.Built;

    public TimeSpan BuildTime => TimeSpan.FromSeconds(_entry.BuildSeconds);

    public long Bytes => _entry.Bytes;

    /// <summary>What is wrong with its files now, every byte of which is read; null when they still are what was written. A provider that could not use the engine it found has built
    /// another beside it, and says nothing.</summary>
    public string? FindFault() => _entry.FindFault(Folder);

    public void Dispose() => _use.Dispose();
}
