using System.Diagnostics;
using System.Runtime.ExceptionServices;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Health;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Hosting;

/// <summary>
/// The device at work: a source, the pipeline, the sinks, each on a thread of its own.
/// <code>
/// source ─(capture thread)→ ring ─(this thread: pipeline)→ verdict ─→ queue ─(sinks thread)→ MQTT, terminal …
/// </code>
/// </summary>
public sealed partial class ListeningService
{
    /// <summary>What the ring holds: enough for a pause of the pipeline's thread, little enough that nothing old is judged.</summary>
    private const double RingSeconds = 10;

    /// <summary>Sound in one piece without a window, in lengths of a window and the hop to the next, that shows that the pipeline is broken.</summary>
    private const double WindowPatience = 4;

    private readonly ModelManifest _manifest;
    private readonly IClassifier _classifier;
    private readonly VerdictDispatcher _sinks;
    private readonly VerdictStamp _stamp;
    private readonly DeviceProgress _progress;
    private readonly ILogger _log;

    /// <param name="manifest">Of the model whose verdicts to give.</param>
    /// <param name="classifier">Of the same model; stays the caller's.</param>
    /// <param name="sinks">Where verdicts go; stays the caller's.</param>
    /// <param name="stamp">What is written on each verdict.</param>
    /// <param name="log">Where trouble is said.</param>
    /// <param name="progress">Is told what was heard, for the watchdog; null where nobody watches.</param>
    public ListeningService(ModelManifest manifest, IClassifier classifier, VerdictDispatcher sinks, VerdictStamp stamp, ILogger<ListeningService> log, DeviceProgress? progress = null)
    {
        _progress = progress ?? new DeviceProgress();
        _manifest = manifest;
        _classifier = classifier;
        _sinks = sinks;
        _stamp = stamp;
        _log = log;
    }

    /// <summary>
    /// Listens to <paramref name="source"/> until it ends or <paramref name="stop"/> asks for it. One verdict comes at the end, and, with
    /// <paramref name="examination"/>, one each time that much was heard.
    /// </summary>
    /// <param name="source">Stays the caller's.</param>
    /// <param name="examination">Length of an examination; null for one that lasts as long as the source.</param>
    /// <param name="recording">File name to write on the verdict, if somebody asked for that.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="Exception">What the source threw; the verdict over what was heard before is published all the same.</exception>
    public void Listen(ISampleSource source, TimeSpan? examination, string? recording, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(source);
        var pipeline = new ListeningPipeline(_manifest, _classifier, source.SampleRateHz);
        using var ring = new SampleRing((int)(source.SampleRateHz * RingSeconds));
        var block = new float[source.SampleRateHz / 10];
        _progress.ExpectWindowWithin((long)(WindowPatience * (_manifest.FrontEnd.WindowSeconds + _manifest.FrontEnd.WindowHopSeconds) * source.SampleRateHz));
        pipeline.WindowHeard = (in _, in _) => _progress.AddWindow();
        LogListening(source.Name, source.SampleRateHz);

        // Step 1: The source fills the ring on its own thread.
        ExceptionDispatchInfo? fault = null;
        var capture = new Thread(() => fault = Capture(source, ring, stop)) { Name = "capture", IsBackground = true };
        capture.Start();

        // Step 2: The pipeline empties it on this one. A gap is passed on: no window spans it.
        long heardAt = Stopwatch.GetTimestamp();
        while (ring.WaitForSamples(1, Timeout.InfiniteTimeSpan, CancellationToken.None) && !ring.IsCompleted)
        {
            var samples = ring.Read(block, out var lost);
            if (lost > 0)
            {
                LogLost(source.Name, lost);
                pipeline.MarkGap(lost);
                _progress.AddGap();
            }

            // Step 3: A verdict each time an examination is full – to the sample, whatever the blocks are – and one at the end.
            heardAt = Stopwatch.GetTimestamp();
            for (ReadOnlySpan<float> rest = block.AsSpan(0, samples); rest.Length > 0;)
            {
                var heard = examination is { } length ? Math.Min(rest.Length, pipeline.SamplesUntil(length)) : rest.Length;
                pipeline.Listen(rest[..heard]);
                rest = rest[heard..];
                if (examination is { } full && pipeline.SamplesUntil(full) == 0) Publish(pipeline.Conclude(), heardAt, recording);
            }

            _progress.AddHeard(samples);
        }

        capture.Join();
        Publish(pipeline.Complete(), heardAt, recording);
        fault?.Throw();
    }

    private static ExceptionDispatchInfo? Capture(ISampleSource source, SampleRing ring, CancellationToken stop)
    {
#pragma warning disable CA1031 // Whatever the source throws is thrown again by the thread that waits for it.
        try
        {
            source.Capture(ring, stop);
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            return ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            ring.Complete();
        }
#pragma warning restore CA1031
    }

    private void Publish(Verdict verdict, long heardAt, string? recording) =>
        _sinks.Publish(_stamp.Seal(verdict, Stopwatch.GetElapsedTime(heardAt), recording));

    [LoggerMessage(1001, LogLevel.Information, "Listening to {Source} at {Rate} Hz")]
    private partial void LogListening(string source, int rate);

    [LoggerMessage(1002, LogLevel.Warning, "{Source}: {Samples} samples are lost; the pipeline was too slow")]
    private partial void LogLost(string source, long samples);
}
