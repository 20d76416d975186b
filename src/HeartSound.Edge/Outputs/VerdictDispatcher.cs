using System.Threading.Channels;
using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs;

/// <summary>
/// Hands verdicts to the sinks on a thread of its own, in order, so that no sink can hold up the pipeline. Bounded: what does not fit is
/// dropped, counted and logged. A sink that throws fails alone.
/// </summary>
public sealed partial class VerdictDispatcher : IDisposable
{
    /// <summary>Verdicts that may wait; hours of them at one every few seconds.</summary>
    private const int Capacity = 4096;

    private readonly Channel<VerdictMessage> _queue = Channel.CreateBounded<VerdictMessage>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly IReadOnlyList<IVerdictSink> _sinks;
    private readonly ILogger _log;
    private readonly DeviceProgress? _progress;
    private readonly Thread _thread;
    private long _dropped;
    private long _failed;

    /// <param name="sinks">Theirs from now on to dispose is this queue's.</param>
    /// <param name="log">Where trouble is said.</param>
    /// <param name="progress">Is told what waits and what was delivered; null where nobody watches.</param>
    public VerdictDispatcher(IReadOnlyList<IVerdictSink> sinks, ILogger<VerdictDispatcher> log, DeviceProgress? progress = null)
    {
        _progress = progress;
        _sinks = sinks;
        _log = log;
        _thread = new Thread(Deliver) { Name = "sinks", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Verdicts that found the queue full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Times that a sink failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Never blocks.</summary>
    public void Publish(VerdictMessage message)
    {
        if (_queue.Writer.TryWrite(message))
        {
            _progress?.AddQueued();
            return;
        }

        Interlocked.Increment(ref _dropped);
        LogDropped(message.Sequence, Capacity);
    }

    /// <summary>Takes no more, waits until every sink has everything, at the most this long, and returns how many verdicts did not arrive somewhere.</summary>
    public int Complete(TimeSpan deadline)
    {
        _queue.Writer.TryComplete();
        var until = Environment.TickCount64 + (long)deadline.TotalMilliseconds;
        _thread.Join(deadline);
        var missing = (int)(Dropped + Failed) + _queue.Reader.Count;
        foreach (var sink in _sinks) missing += sink.Flush(TimeSpan.FromMilliseconds(Math.Max(0, until - Environment.TickCount64)));
        return missing;
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        foreach (var sink in _sinks) sink.Dispose();
    }

    private void Deliver()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_queue.Reader.TryRead(out var message))
            {
                foreach (var sink in _sinks) Deliver(sink, message);
                _progress?.AddDelivered();
            }
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

    [LoggerMessage(3001, LogLevel.Error, "Verdict {Sequence} is dropped: {Capacity} wait already")]
    private partial void LogDropped(long sequence, int capacity);

    [LoggerMessage(3002, LogLevel.Error, "{Sink} did not take verdict {Sequence}")]
    private partial void LogFailed(string sink, long sequence, Exception cause);
}
