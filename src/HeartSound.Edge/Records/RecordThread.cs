using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Records;

/// <summary>What the record thread does: it carries sound from the ring into files, keeps the folder within its limits, and says how all that is. For that thread alone, which
/// disposes it.</summary>
internal sealed partial class RecordThread(RecordOptions options, RecordStore store, DeviceHealth health, TimeProvider time, ILogger log, Func<Stream, Stream> disk) : IDisposable
{
    private const long BytesOfMegabyte = 1_000_000;

    // Half of what the ring holds beyond the pre-roll would do; a disk that stands still is seen sooner.
    private static readonly TimeSpan WhileRecording = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WhileIdle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetainEvery = TimeSpan.FromHours(1);

    private readonly short[] _block = new short[16_384];
    private Session? _session;
    private Action? _drain;
    private bool _well;
    private long _checked;
    private long _retained;

    /// <summary>A beginning (<see cref="Outcome"/> is null) or an end, with its position in the ring.</summary>
    internal sealed record Order(RecordRing Ring, long Position, Guid Examination, DateTimeOffset Start, long PreRoll, string? Outcome, long Lost);

    /// <summary>Begins or ends a record.</summary>
    public void Do(Order order)
    {
        if (order.Outcome is null)
        {
            Guarded(() => Begin(order));
            return;
        }

        Guarded(() => End(order));
        _session?.Dispose();
        _session = null;
    }

    /// <summary>Writes what was heard meanwhile, and returns for how long there is nothing to do.</summary>
    public TimeSpan GoOn()
    {
        if (_session is not null)
        {
            Guarded(_drain ??= () => Drain(_session, _session.Ring.Written));
            return WhileRecording;
        }

        if (!_well && time.GetElapsedTime(_checked) >= CheckEvery) CheckNow();
        if (_well && time.GetElapsedTime(_retained) >= RetainEvery) Guarded(Retain);
        return WhileIdle;
    }

    /// <summary>Finds out whether a record could be kept now, and says so.</summary>
    public void CheckNow() => Guarded(() =>
    {
        _checked = time.GetTimestamp();
        RecordKey.Load(options.KeyFile);
        store.Prepare();
        DemandRoom();
        Retain();
        var probe = Path.Combine(store.Folder, $".probe-{Environment.ProcessId}");
        File.WriteAllBytes(probe, new byte[1]);
        File.Delete(probe);
        Well();
    });

    public void Dispose() => _session?.Dispose();

    private void Begin(Order order)
    {
        var key = RecordKey.Load(options.KeyFile);
        store.Prepare();
        DemandRoom();
        var file = store.Create(order.Start, order.Examination);
        try
        {
            var writer = new RecordWriter(disk(file), key, RecordHeader.Create(key, order.Ring.SampleRateHz, order.Start, order.Examination));
            _session = new Session(order.Ring, writer, file.Name, order.PreRoll) { Position = order.Position };
        }
        catch
        {
            file.Dispose();
            throw;
        }

        LogBegin(Path.GetFileName(file.Name));
    }

    private void End(Order order)
    {
        if (_session is not { } session) return;
        Drain(session, order.Position);
        var lost = order.Lost + session.Overwritten;
        session.Writer.Complete(new RecordTrailer(order.Outcome!, session.Writer.Samples, session.PreRoll, lost));
        health.Count("recordsKept");
        LogEnd(Path.GetFileName(session.File), (double)session.Writer.Samples / session.Ring.SampleRateHz);
        Retain();
        if (session.Overwritten == 0)
        {
            Well();
            return;
        }

        _well = false;
        health.Report(DevicePart.Record, PartLevel.Degraded, RecordCause.TooSlow, FormattableString.Invariant($"the disk is too slow: {(double)session.Overwritten / session.Ring.SampleRateHz:0.0} s are missing from the last record"));
    }

    private void Drain(Session session, long until)
    {
        while (session.Position < until)
        {
            var count = session.Ring.Read(session.Position, _block.AsSpan(0, (int)Math.Min(_block.Length, until - session.Position)));
            if (count < 0)
            {
                var skipped = Math.Min(until, session.Ring.Written - (session.Ring.Capacity / 2)) - session.Position;
                health.Count("recordLostSamples", skipped);
                session.Overwritten += skipped;
                session.Writer.WriteSilence(skipped);
                session.Position += skipped;
                continue;
            }

            session.Writer.Write(_block.AsSpan(0, count));
            session.Position += count;
        }

        if (session.Checked + (session.Ring.SampleRateHz * 2L) > session.Position) return;
        session.Checked = session.Position;
        DemandRoom();
    }

    private void Retain()
    {
        _retained = time.GetTimestamp();
        var gone = store.Retain(options, time.GetUtcNow(), _session?.File);
        if (gone > 0) LogRetained(gone);
    }

    private void DemandRoom()
    {
        if (store.FreeBytes() < options.MinFreeMegabytes * BytesOfMegabyte)
            throw new IOException($"less than {options.MinFreeMegabytes} MB are free", NoSpace);
    }

    private void Well()
    {
        _well = true;
        health.Report(DevicePart.Record, PartLevel.Ok, RecordCause.Ready);
    }

    // ENOSPC of errno.h, as .NET passes it on in an IOException's HResult.
    private const int NoSpace = 28;

    /// <summary>Does it; what fails ends the record that is under way and is said.</summary>
    private void Guarded(Action work)
    {
        try
        {
            work();
        }
        catch (RecordException e)
        {
            Fail(RecordCause.NoKey, e.Message);
        }
        catch (IOException e) when (e.HResult == NoSpace)
        {
            Fail(RecordCause.DiskFull, $"{store.Folder}: no room for the record of examinations ({e.Message}): make some, or lower record.keepDays or record.maxMegabytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Fail(RecordCause.CannotWrite, $"{store.Folder}: the record of examinations cannot be written: {e.Message}");
        }
    }

    private void Fail(RecordCause cause, string message)
    {
        _well = false;
        _checked = time.GetTimestamp();
        if (_session is not null) health.Count("recordsBroken");
        _session?.Dispose();
        _session = null;
        health.Report(DevicePart.Record, PartLevel.Degraded, cause, message);
    }

    [LoggerMessage(3401, LogLevel.Information, "Keeping the examination in {File}")]
    private partial void LogBegin(string file);

    [LoggerMessage(3402, LogLevel.Information, "{File} is whole: {Seconds} s")]
    private partial void LogEnd(string file, double seconds);

    [LoggerMessage(3403, LogLevel.Information, "{Records} old records were deleted")]
    private partial void LogRetained(int records);

    /// <summary>A record that is being written.</summary>
    private sealed class Session(RecordRing ring, RecordWriter writer, string file, long preRoll) : IDisposable
    {
        public RecordRing Ring => ring;

        public RecordWriter Writer => writer;

        public string File => file;

        public long PreRoll => preRoll;

        public long Position { get; set; }

        public long Overwritten { get; set; }

        public long Checked { get; set; }

        public void Dispose() => writer.Dispose();
    }
}
