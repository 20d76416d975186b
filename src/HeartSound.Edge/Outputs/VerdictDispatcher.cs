using System.Threading.Channels;
using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs;

/// <summary>
/// Takes verdicts from the pipeline, which it never holds up:
/// <code>
/// pipeline ─→ queue ─(store thread)→ numbered, stored ─→ queue ─(sinks thread)→ one sink after the other
/// </code>
/// No sink sees a verdict before it is stored, and a sink that hangs keeps none from being stored. Bounded: what does not fit is dropped, counted and logged. A sink that throws
/// fails alone.
/// </summary>
public sealed partial class VerdictDispatcher : IDisposable
{
    /// <summary>Verdicts that may wait; hours of them at one every few seconds.</summary>
    private const int Capacity = 4096;

    /// <summary>How long storing what is left may take at the end: a slow disk, not a slow broker.</summary>
    private static readonly TimeSpan StoreDeadline = TimeSpan.FromSeconds(10);

    private readonly Channel<VerdictMessage> _given = Bounded();
    private readonly Channel<VerdictMessage> _stored = Bounded();
    private readonly IReadOnlyList<IVerdictSink> _sinks;
    private readonly Func<VerdictMessage, VerdictMessage> _store;
    private readonly ILogger _log;
    private readonly DeviceProgress? _progress;
    private readonly Thread _storeThread;
    private readonly Thread _sinksThread;
    private Numbering _numbering = Numbering.Fresh();
    private long _dropped;
    private long _failed;

    /// <param name="sinks">Theirs from now on to dispose is this queue's.</param>
    /// <param name="log">Where trouble is said.</param>
    /// <param name="progress">Told of every verdict that comes and goes; null when nobody watches.</param>
    /// <param name="store">Numbers a verdict and keeps it; null where none is kept, and all are numbered from 1.</param>
    public VerdictDispatcher(IReadOnlyList<IVerdictSink> sinks, ILogger<VerdictDispatcher> log, DeviceProgress? progress = null, Func<VerdictMessage, VerdictMessage>? store = null)
    {
        _progress = progress;
        _sinks = sinks;
        _log = log;
        _store = store ?? Number;
        _storeThread = new Thread(Store) { Name = "store", IsBackground = true };
        _sinksThread = new Thread(Deliver) { Name = "sinks", IsBackground = true };
        _storeThread.Start();
        _sinksThread.Start();
    }

    /// <summary>Verdicts that found a queue full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Times that a sink failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Never blocks.</summary>
    public void Publish(VerdictMessage message)
    {
        _progress?.AddQueued();
        if (!_given.Writer.TryWrite(message)) Drop(message);
    }

    /// <summary>Takes no more, stores what is left, waits until every sink has everything, at the most this long, and returns how many verdicts did not arrive somewhere.</summary>
    public int Complete(TimeSpan deadline)
    {
        var until = Environment.TickCount64 + (long)deadline.TotalMilliseconds;
        _given.Writer.TryComplete();
        _storeThread.Join(StoreDeadline);
        _sinksThread.Join(Left());
        var missing = (int)(Dropped + Failed) + _given.Reader.Count + _stored.Reader.Count;
        foreach (var sink in _sinks) missing += sink.Flush(Left());
        return missing;

        TimeSpan Left() => TimeSpan.FromMilliseconds(Math.Max(0, until - Environment.TickCount64));
    }

    public void Dispose()
    {
        _given.Writer.TryComplete();
        foreach (var sink in _sinks) sink.Dispose();
    }

    private static Channel<VerdictMessage> Bounded() => Channel.CreateBounded<VerdictMessage>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    private static IEnumerable<VerdictMessage> All(ChannelReader<VerdictMessage> queue)
    {
        while (queue.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            while (queue.TryRead(out var message)) yield return message;
    }

    private void Store()
    {
        foreach (var message in All(_given.Reader))
        {
#pragma warning disable CA1031 // A verdict that cannot be stored is lost to the sinks that need it stored; the next one may be luckier.
            try
            {
                var stored = _store(message);
                if (!_stored.Writer.TryWrite(stored)) Drop(stored);
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref _failed);
                _progress?.AddDelivered();
                LogNotStored(e);
            }
#pragma warning restore CA1031
        }

        _stored.Writer.Complete();
    }

    private void Deliver()
    {
        foreach (var message in All(_stored.Reader))
        {
            foreach (var sink in _sinks) Deliver(sink, message);
            _progress?.AddDelivered();
        }
    }

    private void Deliver(IVerdictSink sink, VerdictMessage message)
    {
#pragma warning disable CA1031 // A sink may fail in any way; it must not take the device down, nor the other sinks.
        try
        {
            sink.Publish(message);
        }
        catch (Exception e)
        {
            Interlocked.Increment(ref _failed);
            LogFailed(sink.Name, message.Sequence, e);
        }
#pragma warning restore CA1031
    }

    private VerdictMessage Number(VerdictMessage message)
    {
        _numbering = _numbering.Next();
        return _numbering.On(message);
    }

    private void Drop(VerdictMessage message)
    {
        _progress?.AddDelivered();
        Interlocked.Increment(ref _dropped);
        LogDropped(message.Sequence, Capacity);
    }

    [LoggerMessage(3001, LogLevel.Error, "Verdict {Sequence} is dropped: {Capacity} wait already")]
    private partial void LogDropped(long sequence, int capacity);

    [LoggerMessage(3002, LogLevel.Error, "{Sink} did not take verdict {Sequence}")]
    private partial void LogFailed(string sink, long sequence, Exception cause);

    [LoggerMessage(3003, LogLevel.Error, "A verdict cannot be stored, and is lost")]
    private partial void LogNotStored(Exception cause);
}
