using HeartSound.Edge.Health;
using HeartSound.Native;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>
/// Verdicts between the pipeline and the broker: on disk before they are sent, there until they are acknowledged, in order. Thread-safe.
/// <code>
/// Add ─→ written ─→ TakeNext ─→ (sent) ─┬→ Remove      acknowledged
///           ↑                           └→ PutBack     refused: sent again later
///        in memory alone, while the disk is full, locked, gone: written as soon as it can be
/// </code>
/// Bounded by bytes and age; the oldest go first, and are counted. A fault of the disk is never an exception here: it is reported, and healed by <see cref="Tend"/>.
/// </summary>
internal sealed partial class Outbox : IDisposable
{
    /// <summary>What may wait in memory while the disk cannot be written: hours of verdicts, and no danger to a small device.</summary>
    private const long MaxBytesInMemory = 8 << 20;

    private readonly Lock _gate = new();
    private readonly string? _path;
    private readonly OutboxOptions _options;
    private readonly DeviceHealth? _health;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly LinkedList<WaitingVerdict> _waiting = [];
    private readonly List<long> _removed = []; // in the file still, and to be taken out of it
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private readonly long _start;
    private OutboxFile? _file;
    private Numbering _numbering = Numbering.Fresh();
    private double _livedBefore;
    private long _bytes;
    private long _dropped;
    private bool _isLoaded;
    private bool _isReplaced;
    private bool _isDropping;
    private bool _isDamaged;
    private readonly bool _isNumbered; // set when the constructor is done: from then on the numbers are given away
    private long _lastPosition;
    private long? _retryAt;

    /// <param name="folder">Where its file is or shall be; null for memory alone.</param>
    /// <param name="options">How much may wait.</param>
    /// <param name="health">Where trouble is reported; null when nobody looks.</param>
    /// <param name="time">Monotonic clock.</param>
    /// <param name="log">Where trouble is said.</param>
    /// <exception cref="NativeLibraryMissingException">SQLite is not installed.</exception>
    public Outbox(string? folder, OutboxOptions options, DeviceHealth? health, TimeProvider time, ILogger<Outbox> log)
    {
        _path = folder is null ? null : Path.Combine(folder, OutboxFile.Name);
        _options = options;
        _health = health;
        _time = time;
        _log = log;
        _start = time.GetTimestamp();
        lock (_gate)
        {
            Save();
            _isNumbered = true;
            if (_waiting.Count > 0) LogFound(_waiting.Count, _path!);
        }
    }

    /// <summary>Where the numbers of this run's verdicts go on.</summary>
    public Numbering Numbering
    {
        get
        {
            lock (_gate) return _numbering;
        }
    }

    public OutboxPart Part
    {
        get
        {
            lock (_gate)
            {
                return new OutboxPart
                {
                    Waiting = _waiting.Count,
                    Bytes = _bytes,
                    OldestSeconds = _waiting.First is { Value: var oldest } ? Math.Round(Lived - oldest.Lived, 1) : null,
                    Dropped = _dropped,
                    Series = _numbering.Series,
                    LastSequence = _numbering.Last,
                };
            }
        }
    }

    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>Verdicts that would be lost if the program ended now: they wait, and are in memory alone.</summary>
    public int InMemory
    {
        get
        {
            lock (_gate) return _waiting.Count(v => v.Position == 0);
        }
    }

    private double Lived => _livedBefore + _time.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Takes a verdict: on disk when this returns, or, where that fails, in memory.</summary>
    public void Add(VerdictMessage message)
    {
        var json = message.ToJson();
        lock (_gate)
        {
            _numbering = new Numbering(message.Series, message.Sequence);
            _waiting.AddLast(new WaitingVerdict { Json = json, Bytes = json.Length, Lived = Lived, NeedsTime = message.ClockSynced != true });
            _bytes += json.Length;
            KeepBounds();
            if (_retryAt is null) Save();
        }
    }

    /// <summary>The oldest verdict that is not on its way, with what to send; from now on it is. Null when there is none.</summary>
    public WaitingVerdict? TakeNext(out byte[] json)
    {
        lock (_gate)
        {
            for (var node = _waiting.First; node is not null;)
            {
                var verdict = node.Value;
                node = node.Next;
                if (verdict.IsSent || Read(verdict) is not { } text) continue;
                json = text;
                verdict.IsSent = true;
                return verdict;
            }

            json = [];
            return null;
        }
    }

    /// <summary>These have been acknowledged.</summary>
    public void Remove(IReadOnlyCollection<WaitingVerdict> verdicts)
    {
        lock (_gate)
        {
            foreach (var verdict in verdicts) Forget(verdict);
            if (_isDropping && _waiting.Count == 0) _isDropping = false;
            if (_retryAt is null) Save();
        }
    }

    /// <summary>It was not taken, and shall be sent again.</summary>
    public void PutBack(WaitingVerdict verdict)
    {
        lock (_gate) verdict.IsSent = false;
    }

    /// <summary>What must be done now and then: tries the disk again, drops what is too old, and, once the clock is set, corrects the time on what was stamped before.</summary>
    public void Tend(Moment now)
    {
        lock (_gate)
        {
            var isRestamped = now.ClockSynced == true && Restamp(now);
            var isDropped = KeepBounds();
            var isDue = _retryAt is { } at && _time.GetTimestamp() >= at;
            if (isDue || (_retryAt is null && (isRestamped || isDropped))) Save();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_retryAt is null || _waiting.Any(v => v.Position == 0)) Save(); // how long it has lived, and what the disk would not take before
            _file?.Dispose();
            _file = null;
        }
    }

    private void Forget(WaitingVerdict verdict)
    {
        if (verdict.IsDone) return;
        verdict.IsDone = true;
        _waiting.Remove(verdict);
        _bytes -= verdict.Bytes;
        if (verdict.Position != 0) _removed.Add(verdict.Position);
    }

    private bool KeepBounds()
    {
        var before = _dropped;
        var inMemory = _path is null ? 0 : _waiting.Sum(v => v.Position == 0 ? (long)v.Bytes : 0);
        while (_waiting.First is { Value: var oldest } && (_bytes > _options.MaxMegabytes * 1_000_000L || Lived - oldest.Lived > _options.MaxAgeDays * 86400.0)) Drop(oldest);
        while (inMemory > MaxBytesInMemory && _waiting.FirstOrDefault(v => v.Position == 0) is { } oldest)
        {
            inMemory -= oldest.Bytes;
            Drop(oldest);
        }

        if (_dropped == before) return false;
        if (!_isDropping) LogDropping(_waiting.Count);
        _isDropping = true;
        _health?.Count("verdictsDropped", _dropped - before);
        return true;

        void Drop(WaitingVerdict verdict)
        {
            Forget(verdict);
            _dropped++;
        }
    }

    private byte[]? Read(WaitingVerdict verdict)
    {
        if (verdict.Json is not null || _file is null) return verdict.Json;
        try
        {
            if (_file.Read(verdict.Position) is { } json) return json;
            Forget(verdict); // somebody took it out of the file
            _dropped++;
            LogVanished(verdict.Position);
        }
        catch (SqliteException e)
        {
            Fail(e);
        }

        return null;
    }

    /// <summary>Corrects what was stamped since the machine started, but before its clock was set. Returns whether there was something.</summary>
    private bool Restamp(Moment now)
    {
        var count = 0;
        foreach (var verdict in _waiting.Where(v => v.NeedsTime && !v.IsSent).ToList())
        {
            if (Read(verdict) is not { } json) continue;
            verdict.NeedsTime = false;
            if (VerdictTime.Correct(json, now) is not { } corrected) continue;
            _bytes += corrected.Length - verdict.Bytes;
            verdict.Json = corrected;
            verdict.Bytes = corrected.Length;
            count++;
        }

        if (count > 0) LogRestamped(count);
        return count > 0;
    }

    /// <summary>Brings the file to what is known here; opens it first where it is not open.</summary>
    private void Save()
    {
        if (_path is null)
        {
            Report(OutboxState.InMemory, PartLevel.Ok);
            return;
        }

        try
        {
            _file ??= Open(_path);
            Write(_file);
            _retryAt = null;
            _backoff.Reset();
            if (_isDropping) Report(OutboxState.Dropping, PartLevel.Degraded, "More verdicts wait for the broker than may: the oldest are lost. Bring the broker back, or raise outbox.maxMegabytes or outbox.maxAgeDays.");
            else if (_isReplaced) Report(OutboxState.Replaced, PartLevel.Ok, $"It was no good and lies aside as {Aside(_path)}; verdicts are numbered anew.");
            else Report(OutboxState.Ready, PartLevel.Ok);
        }
        catch (SqliteException e)
        {
            Fail(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(OutboxState.Unwritable, e.Message);
        }
    }

    private OutboxFile Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        OutboxFile file;
        try
        {
            file = _isDamaged ? Replace(path, "it cannot be read") : OutboxFile.Open(path);
        }
        catch (OutboxFileException e)
        {
            file = Replace(path, e.Message);
        }

        if (!_isLoaded) Load(file);
        return file;
    }

    /// <summary>What waits in the file comes before what came while it could not be read.</summary>
    private void Load(OutboxFile file)
    {
        var found = file.Index().ToList();
        var (dropped, lived) = file.ReadHistory();
        _dropped += dropped;
        _livedBefore += lived;
        foreach (var (position, bytes, since) in Enumerable.Reverse(found))
        {
            _waiting.AddFirst(new WaitingVerdict { Position = position, Bytes = bytes, Lived = since, NeedsTime = true });
            _bytes += bytes;
            _lastPosition = Math.Max(_lastPosition, position);
        }

        // A run that has begun to number without the file goes on so.
        if (!_isNumbered && file.ReadNumbering() is { } numbering) _numbering = numbering;
        _isLoaded = true;
    }

    /// <summary>Puts a file aside that is no good, and begins a new one with what could be read of it.</summary>
    private OutboxFile Replace(string path, string reason)
    {
        foreach (var suffix in (string[])["-wal", "-shm", ""])
            if (File.Exists(path + suffix)) File.Move(path + suffix, Aside(path) + suffix, overwrite: true);
        var salvaged = OutboxFile.Salvage(Aside(path));
        foreach (var verdict in _waiting.Where(v => v.Position != 0).ToList()) Forget(verdict); // they are among what was salvaged, or gone
        _removed.Clear();
        foreach (var json in Enumerable.Reverse(salvaged).Where(VerdictTime.IsVerdict))
        {
            _waiting.AddFirst(new WaitingVerdict { Json = json, Bytes = json.Length, Lived = Lived, NeedsTime = true });
            _bytes += json.Length;
        }

        _isDamaged = false;
        _isLoaded = true;
        _isReplaced = true;
        _health?.Count("outboxReplaced");
        LogReplaced(path, reason, Aside(path), salvaged.Count);
        return OutboxFile.Open(path);
    }

    private void Write(OutboxFile file)
    {
        var last = _lastPosition;
        var changed = _waiting.Where(v => v.Json is not null).Select(v => (Verdict: v, Position: v.Position != 0 ? v.Position : ++last)).ToList();
        file.Write(_numbering, _dropped, Lived, [.. changed.Select(c => (c.Position, c.Verdict.Json!, c.Verdict.Lived))], _removed);
        foreach (var (verdict, position) in changed)
        {
            verdict.Position = position;
            verdict.Json = null;
        }

        _lastPosition = last;
        _removed.Clear();
    }

    private void Fail(SqliteException e)
    {
        if (e.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            _isDamaged = true; // opened again it is put aside
            Close();
            _retryAt = _time.GetTimestamp();
            LogDamaged(e.Message);
            return;
        }

        // A full disk can still be read.
        if (e.SqliteErrorCode != raw.SQLITE_FULL) Close();
        var state = e.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => OutboxState.DiskFull,
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => OutboxState.Locked,
            _ => OutboxState.Unwritable,
        };
        Fail(state, e.Message);
    }

    private void Fail(OutboxState state, string reason)
    {
        _retryAt = _time.GetTimestamp() + (long)(_backoff.Next().TotalSeconds * _time.TimestampFrequency);
        var advice = state switch
        {
            OutboxState.DiskFull => "Make room on its disk.",
            OutboxState.Locked => "End the other program that holds it, or give each its own outbox.folder.",
            _ => "See that the service may write the folder, and that its disk is well.",
        };
        Report(state, PartLevel.Degraded, $"{_path}: {reason} New verdicts wait in memory and are sent all the same; they do not survive a restart. {advice}");
        _health?.Count("outboxFaults");
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private static string Aside(string path) => path + ".bad";

    private void Report(OutboxState state, PartLevel level, string? message = null) => _health?.Report(DevicePart.Outbox, level, state, message);

    [LoggerMessage(3111, LogLevel.Information, "{Count} verdicts of before wait in {Path}")]
    private partial void LogFound(int count, string path);

    [LoggerMessage(3112, LogLevel.Error, "The outbox drops its oldest verdicts: more wait than may. {Count} are left")]
    private partial void LogDropping(int count);

    [LoggerMessage(3113, LogLevel.Error, "{Path} is no good: {Reason}. It lies aside as {Aside}; {Count} verdicts of it were kept")]
    private partial void LogReplaced(string path, string reason, string aside, int count);

    [LoggerMessage(3114, LogLevel.Information, "The clock is set: the time on {Count} verdicts that wait was corrected")]
    private partial void LogRestamped(int count);

    [LoggerMessage(3116, LogLevel.Error, "Verdict {Position} is gone from the outbox: somebody else has written into it")]
    private partial void LogVanished(long position);

    [LoggerMessage(3115, LogLevel.Error, "The outbox is damaged: {Reason}")]
    private partial void LogDamaged(string reason);
}
