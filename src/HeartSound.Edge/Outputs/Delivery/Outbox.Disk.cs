using HeartSound.Edge.Health;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>How the outbox keeps its file, and what it does when the file, or its disk, is no good.</summary>
internal sealed partial class Outbox
{
    /// <summary>How often it is looked whether the file is still there.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(30);

    private readonly List<long> _removed = []; // in the file still, and to be taken out of it
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private OutboxFile? _file;
    private long _lastPosition;
    private long _lookedAt;
    private long _failedAt;
    private long? _retryAt; // null while all is well
    private bool _isLoaded;
    private bool _isReplaced;
    private int _lost; // of files that were damaged
    private bool _isDamaged;

    /// <summary>Brings the file to what is known here; opens it first where it is not open. Returns whether it is on disk now.</summary>
    private bool Save()
    {
        if (_path is null)
        {
            Report(OutboxState.InMemory, PartLevel.Ok);
            return false;
        }

        try
        {
            _file ??= Open(_path);
            KeepBounds();
            Write(_file);
            _retryAt = null;
            _backoff.Reset();
            if (_isDropping) Report(OutboxState.Dropping, PartLevel.Degraded, "More verdicts wait for the broker than may: the oldest are lost. Bring the broker back, or raise outbox.maxMegabytes or outbox.maxAgeDays.");
            else if (_isReplaced) Report(OutboxState.Replaced, PartLevel.Ok, FormattableString.Invariant($"It was no good and lies aside as {Aside(_path)}; {_lost} verdicts of it are lost, and verdicts are numbered anew. If it happens again, replace the disk."));
            else Report(OutboxState.Ready, PartLevel.Ok);
            return true;
        }
        catch (SqliteException e)
        {
            Fail(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutboxFileException)
        {
            Fail(OutboxState.Unwritable, e.Message);
        }

        return false;
    }

    private void Write(OutboxFile file)
    {
        var unsaved = _waiting.Where(v => v.IsUnsaved).Select(v => (Verdict: v, Position: v.Position != 0 ? v.Position : ++_lastPosition)).ToList();
        try
        {
            file.Write(_durable!, _dropped, Lived, [.. unsaved.Select(c => (c.Position, c.Verdict.Json!, c.Verdict.Lived))], _removed);
        }
        catch
        {
            // What seems to have failed may be in the file all the same: the next write takes it out first.
            _removed.AddRange(unsaved.Where(u => u.Verdict.Position == 0).Select(u => u.Position));
            throw;
        }

        _removed.Clear();
        foreach (var (verdict, position) in unsaved)
        {
            verdict.Position = position;
            verdict.IsUnsaved = false;
            if (_bytesCached > MaxBytesCached) continue; // so much stays at hand, should the disk fail
            _bytesCached += verdict.Bytes;
            verdict.IsCached = true;
        }

        foreach (var (verdict, _) in unsaved)
            if (!verdict.IsCached) verdict.Json = null;
    }

    private byte[]? Read(WaitingVerdict verdict)
    {
        if (verdict.Json is not null || _file is null) return verdict.Json;
        try
        {
            if (_file.Read(verdict.Position) is { } json) return json;
            Forget(verdict);
            LogAltered(verdict.Position);
            CountDropped(1);
        }
        catch (SqliteException e)
        {
            Fail(e);
        }

        return null;
    }

    private OutboxFile Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        OutboxFile file;
        try
        {
            file = _isDamaged ? Replace(path, "it cannot be read") : OutboxFile.Open(path);
        }
        catch (OutboxFileException e)
        {
            file = Replace(path, e.Message);
        }

        Load(file);
        return file;
    }

    /// <summary>What the file holds comes before what came while it could not be read.</summary>
    private void Load(OutboxFile file)
    {
        var known = _waiting.Where(v => v.Position != 0).Select(v => v.Position).Concat(_removed).ToHashSet();
        foreach (var (position, bytes, lived) in file.Index().Reverse().ToList())
        {
            _lastPosition = Math.Max(_lastPosition, position);
            if (known.Contains(position)) continue;
            _waiting.AddFirst(new WaitingVerdict { Position = position, Bytes = bytes, Lived = lived, NeedsTime = true, IsUnsaved = false });
            _bytes += bytes;
        }

        var found = file.ReadNumbering();
        _durable ??= found?.Numbering ?? Numbering.Fresh(); // opened again, it is this program that knows
        if (_isLoaded) return;

        // What has waited here until now has waited that long by the file's count too.
        _dropped += found?.Dropped ?? 0;
        _livedBefore = found?.Lived ?? 0;
        foreach (var verdict in _waiting) verdict.Lived += verdict.Position == 0 ? _livedBefore : 0;
        _isLoaded = true;
    }

    /// <summary>Puts a file aside that is no good, and begins a new one with what could be read of it.</summary>
    private OutboxFile Replace(string path, string reason)
    {
        foreach (var suffix in (string[])["-wal", "-shm", ""])
            if (File.Exists(path + suffix)) File.Move(path + suffix, Aside(path) + suffix, overwrite: true);
        var kept = OutboxFile.Salvage(Aside(path));

        // What was known to be in it is at hand, or among what was salvaged, or lost.
        var known = _waiting.Where(v => v.Position != 0).ToList();
        foreach (var position in _removed) kept.Remove(position);
        foreach (var verdict in known)
        {
            if (verdict.Json is { } json) kept[verdict.Position] = json;
            Forget(verdict);
        }

        _removed.Clear();
        _lost += Math.Max(0, known.Count - kept.Count);
        if (known.Count > kept.Count) CountDropped(known.Count - kept.Count);
        foreach (var json in kept.Values.Where(StoredJson.IsVerdict).Reverse())
        {
            _waiting.AddFirst(new WaitingVerdict { Json = json, Bytes = json.Length, Lived = Lived, NeedsTime = true, IsUnsaved = true });
            _bytes += json.Length;
        }

        _durable = Numbering.Fresh();
        _isDamaged = false;
        _isReplaced = true;
        _health?.Count("outboxReplaced");
        LogReplaced(path, reason, Aside(path), kept.Count);
        return OutboxFile.Open(path);
    }

    /// <summary>Whether somebody has taken the file away. What it held is read through the handle that is left, and goes into a new one.</summary>
    private bool IsFileGone()
    {
        if (_file is null || _time.GetElapsedTime(_lookedAt) < LookPeriod) return false;
        _lookedAt = _time.GetTimestamp();
        if (File.Exists(_path)) return false;
        LogGone(_path!);
        foreach (var verdict in _waiting.Where(v => v.Position != 0).ToList())
        {
            verdict.Json = Read(verdict);
            verdict.Position = 0;
            verdict.IsUnsaved = true;
        }

        var lost = _waiting.Where(v => v.Json is null).ToList();
        foreach (var verdict in lost) Forget(verdict);
        if (lost.Count > 0) CountDropped(lost.Count);
        _removed.Clear();
        Close();
        return true;
    }

    private void Fail(SqliteException e)
    {
        if (e.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            _isDamaged = true; // opened again it is put aside
            Close();
            _retryAt = _failedAt = _time.GetTimestamp();
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
        if (_retryAt is null) _failedAt = _time.GetTimestamp();
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
}
