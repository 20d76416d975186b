using HeartSound.Edge.Health;
using HeartSound.Native;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>
/// Verdicts between the pipeline and the broker: on disk before they are sent, there until they are acknowledged, in order. Thread-safe.
/// <code>
/// Add ─→ numbered, written ─→ TakeNext ─→ (sent) ─┬→ Remove      acknowledged
///            ↑                                    └→ PutBack     refused: sent again later
///         in memory alone, while the disk is full, locked, gone: written as soon as it can be
/// </code>
/// Bounded by bytes and age; the oldest go first, and are counted. A fault of the disk is never an exception here: it is reported, and healed by <see cref="Tend"/>.
/// </summary>
/// <remarks>
/// A number of the durable series is given only together with the row that holds it, so that none is ever given twice. What cannot be written is numbered in a series that lives
/// as long as the program.
/// </remarks>
internal sealed partial class Outbox : IDisposable
{
    /// <summary>What may wait in memory while the disk cannot be written: hours of verdicts, and no danger to a small device.</summary>
    private const long MaxBytesInMemory = 8 << 20;

    /// <summary>What is kept in memory beside the file, so that a disk that fails does not hold it back.</summary>
    private const long MaxBytesCached = 1 << 20;

    /// <summary>How long verdicts that the disk holds back hold back those behind them, for the sake of order.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly string? _path;
    private readonly OutboxOptions _options;
    private readonly DeviceHealth? _health;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly LinkedList<WaitingVerdict> _waiting = [];
    private readonly long _start;
    private Numbering? _durable; // null until a file was opened
    private Numbering _volatile = Numbering.Fresh();
    private double _livedBefore;
    private long _bytes;
    private long _bytesCached;
    private volatile Snapshot _snapshot = new(0, 0, 0, null, 0, Numbering.Fresh());
    private long _dropped;
    private bool _isDropping;

    /// <param name="folder">Where its file is or shall be; null for memory alone.</param>
    /// <param name="options">How much may wait.</param>
    /// <param name="health">Where trouble is reported; null when nobody looks.</param>
    /// <param name="time">Monotonic clock.</param>
    /// <param name="log">Where trouble is said.</param>
    /// <exception cref="NativeLibraryMissingException">SQLite is not installed.</exception>
    public Outbox(string? folder, OutboxOptions options, DeviceHealth? health, TimeProvider time, ILogger<Outbox> log)
    {
        _path = folder is null ? null : Path.GetFullPath(Path.Combine(folder, OutboxFile.Name));
        _options = options;
        _health = health;
        _time = time;
        _log = log;
        _start = _lookedAt = _failedAt = time.GetTimestamp();
        lock (_gate)
        {
            Save();
            Show();
            if (_waiting.Count > 0) LogFound(_waiting.Count, _path!);
        }
    }

    /// <summary>How it is. Does not wait for a disk that hangs.</summary>
    public OutboxPart Part
    {
        get
        {
            var now = _snapshot;
            return new OutboxPart
            {
                Waiting = now.Waiting,
                Bytes = now.Bytes,
                OldestSeconds = now.OldestSince is { } since ? Math.Round(Lived - since, 1) : null,
                Dropped = now.Dropped,
                Series = now.Numbering.Series,
                LastSequence = now.Numbering.Last,
            };
        }
    }

    public int Waiting => _snapshot.Waiting;

    /// <summary>Verdicts that would be lost if the program ended now: they wait, and are in memory alone.</summary>
    public int InMemory => _snapshot.InMemory;

    /// <summary>Seconds that the device has run with this outbox: an age by it is none that a clock can fake.</summary>
    private double Lived => _livedBefore + _time.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Takes a verdict and gives it its number: on disk when this returns, or, where that fails, in memory.</summary>
    public VerdictMessage Add(VerdictMessage verdict)
    {
        lock (_gate)
        {
            if (_durable is { } before && _retryAt is null)
            {
                _durable = before.Next();
                var numbered = _durable.On(verdict);
                var waiting = Append(numbered);
                if (Save())
                {
                    Show();
                    return numbered;
                }

                _durable = before;
                Forget(waiting);
            }

            _volatile = _volatile.Next();
            var inMemory = _volatile.On(verdict);
            Append(inMemory);
            KeepBounds();
            Show();
            return inMemory;
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
                if (verdict.IsSent) continue;
                if (Read(verdict) is { } text)
                {
                    json = text;
                    verdict.IsSent = true;
                    return verdict;
                }

                Show();
                if (!verdict.IsDone && _time.GetElapsedTime(_failedAt) < Patience) break;
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
            if (_waiting.Count == 0) _isDropping = false;
            if (_retryAt is null) Save();
            Show();
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
            var isGone = IsFileGone();
            var isDue = _retryAt is { } at && _time.GetTimestamp() >= at;
            if (isDue || (_retryAt is null && (isRestamped || isDropped || isGone))) Save();
            Show();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Save(); // how long it has lived, and what the disk would not take before
            Close();
        }
    }

    private void Show() =>
        _snapshot = new Snapshot(_waiting.Count, _waiting.Count(v => v.Position == 0), _bytes, _waiting.First?.Value.Lived, _dropped, _durable ?? _volatile);

    private WaitingVerdict Append(VerdictMessage verdict)
    {
        var json = verdict.ToJson();
        var waiting = new WaitingVerdict { Json = json, Bytes = json.Length, Id = verdict.Id, Lived = Lived, NeedsTime = verdict.ClockSynced != true, IsUnsaved = true };
        _waiting.AddLast(waiting);
        _bytes += json.Length;
        return waiting;
    }

    private void Forget(WaitingVerdict verdict)
    {
        if (verdict.IsDone) return;
        verdict.IsDone = true;
        _waiting.Remove(verdict);
        _bytes -= verdict.Bytes;
        if (verdict.IsCached) _bytesCached -= verdict.Bytes;
        if (verdict.Position != 0) _removed.Add(verdict.Position);
    }

    private bool KeepBounds()
    {
        var dropped = 0;
        var inMemory = _path is null ? 0 : _waiting.Sum(v => v.Position == 0 ? (long)v.Bytes : 0);
        while (_waiting.First is { Value: var oldest } && (_bytes > _options.MaxMegabytes * 1_000_000L || Lived - oldest.Lived > _options.MaxAgeDays * 86400.0)) Drop(oldest);
        while (inMemory > MaxBytesInMemory && _waiting.FirstOrDefault(v => v.Position == 0) is { } oldest)
        {
            inMemory -= oldest.Bytes;
            Drop(oldest);
        }

        if (dropped > 0) CountDropped(dropped);
        return dropped > 0;

        void Drop(WaitingVerdict verdict)
        {
            Forget(verdict);
            dropped++;
        }
    }

    private void CountDropped(int dropped)
    {
        if (!_isDropping) LogDropping(dropped, _waiting.Count);
        _isDropping = true;
        _dropped += dropped;
        _health?.Count("verdictsDropped", dropped);
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
            if (verdict.IsCached) _bytesCached -= verdict.Bytes;
            verdict.IsCached = false;
            verdict.IsUnsaved = true;
            verdict.Json = corrected;
            verdict.Bytes = corrected.Length;
            count++;
        }

        if (count > 0) LogRestamped(count);
        return count > 0;
    }

    private sealed record Snapshot(int Waiting, int InMemory, long Bytes, double? OldestSince, long Dropped, Numbering Numbering);
}
