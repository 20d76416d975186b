using System.Diagnostics;
using System.Runtime.ExceptionServices;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Hosting;

/// <summary>
/// The device at work: a source, the pipeline, the sinks, each on a thread of its own.
/// <code>
/// source ─(capture thread)→ ring ─(this thread: pipeline, examinations)→ verdict ─→ queue ─(sinks thread)→ MQTT, terminal …
///                                        └→ activity: level, hint, heart rate, opinion ─→ lights, live message
/// </code>
/// Belongs to the thread that calls <see cref="Listen"/>; allocates nothing between verdicts.
/// </summary>
public sealed partial class ListeningService
{
    /// <summary>What the ring holds: enough for a pause of the pipeline's thread, little enough that nothing old is judged.</summary>
    private const double RingSeconds = 10;

    /// <summary>How often requests and the watchdog are looked at while no sound comes.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    /// <summary>Without a sample for this long, what was heard last is no longer shown as what is heard now.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly ModelManifest _manifest;
    private readonly IClassifier _classifier;
    private readonly VerdictDispatcher _sinks;
    private readonly VerdictStamp _stamp;
    private readonly ILogger _log;
    private readonly DeviceMonitor? _monitor;

    /// <param name="manifest">Of the model whose verdicts to give.</param>
    /// <param name="classifier">Of the same model; stays the caller's.</param>
    /// <param name="sinks">Where verdicts go; stays the caller's.</param>
    /// <param name="stamp">What is written on each verdict.</param>
    /// <param name="log">Where trouble is said.</param>
    /// <param name="monitor">Who watches; null when nobody does.</param>
    public ListeningService(ModelManifest manifest, IClassifier classifier, VerdictDispatcher sinks, VerdictStamp stamp, ILogger<ListeningService> log, DeviceMonitor? monitor = null)
    {
        _monitor = monitor;
        _manifest = manifest;
        _classifier = classifier;
        _sinks = sinks;
        _stamp = stamp;
        _log = log;
    }

    /// <summary>What heat allows: any thread may set it.</summary>
    public HeatStep Heat { get; set; }

    /// <summary>
    /// Listens to <paramref name="source"/> until it ends or <paramref name="stop"/> asks for it, and gives a verdict at the end of each examination; what was heard of
    /// the one under way when the source ends becomes a verdict too.
    /// </summary>
    /// <param name="source">Stays the caller's.</param>
    /// <param name="examinations">When they begin and end.</param>
    /// <param name="recording">File name to write on the verdict, if somebody asked for that.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="Exception">What the source threw; the verdict over what was heard before is published all the same.</exception>
    public void Listen(ISampleSource source, Examinations examinations, string? recording, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(examinations);
        var pipeline = new ListeningPipeline(_manifest, _classifier, source.SampleRateHz) { Observer = _monitor?.Metrics };
        using var ring = new SampleRing((int)(source.SampleRateHz * RingSeconds));
        var block = new float[source.SampleRateHz / 10];
        LogListening(source.Name, source.SampleRateHz);
        var vitals = new Vitals(_monitor, pipeline, examinations, source.SampleRateHz);

        // Step 1: The source fills the ring on its own thread.
        ExceptionDispatchInfo? fault = null;
        var capture = new Thread(() => fault = Capture(source, ring, stop)) { Name = "capture", IsBackground = true };
        capture.Start();

        // Step 2: The pipeline empties it on this one.
        examinations.Begin(pipeline, _manifest.Labels);
        vitals.Follow();
        var heardAt = Stopwatch.GetTimestamp();
        var doneAt = heardAt;
        while (!ring.IsCompleted)
        {
            var came = ring.WaitForSamples(1, Turn, CancellationToken.None);
            while (examinations.Obey()) Conclude();
            vitals.Follow();

            // The sound stays away: an examination waits for it, but not for ever. It is not away while this thread is busy with what came.
            var away = Stopwatch.GetElapsedTime(doneAt);
            if (away > Silence) vitals.Lose();
            if (away > examinations.Patience && examinations.Abandon()) Conclude();
            if (!came) continue;

            // Step 3: A gap is passed on: no window spans it. Overheated, the device does not listen, which is a gap too.
            var samples = ring.Read(block, out var lost);
            var heat = Heat;
            if (lost > 0) LogMissing(source.Name, (double)lost / source.SampleRateHz);
            if (heat == HeatStep.Paused) lost += samples;
            if (lost > 0)
            {
                pipeline.MarkGap(lost);
                examinations.Miss((double)lost / source.SampleRateHz);
                vitals.Miss(lost);
                _monitor?.Metrics?.Lost(lost, source.SampleRateHz);
            }

            if (heat == HeatStep.Paused)
            {
                vitals.Hear([]);
                continue;
            }

            // Step 4: A verdict each time an examination is over – to the sample, whatever the blocks are.
            heardAt = Stopwatch.GetTimestamp();
            pipeline.WindowStride = heat == HeatStep.Slow ? 2 : 1;
            var sound = block.AsSpan(0, samples);
            for (ReadOnlySpan<float> rest = sound; rest.Length > 0;)
            {
                var heard = examinations.SamplesToHear(rest.Length);
                pipeline.Listen(rest[..heard]);
                rest = rest[heard..];
                var isOver = examinations.Follow();
                vitals.Follow();
                if (isOver) Conclude();
            }

            vitals.Hear(sound);
            doneAt = Stopwatch.GetTimestamp();
        }

        // Step 5: And one at the end, over what was heard of the last examination.
        capture.Join();
        if (examinations.Complete() is { } last) Publish(last);
        examinations.End();
        vitals.Follow();
        fault?.Throw();

        void Conclude()
        {
            if (!examinations.WasOnlyATouch) Publish(examinations.Conclude());
            examinations.AwaitNext();
            vitals.Follow();
        }

        void Publish(Verdict verdict)
        {
            var message = _stamp.Seal(verdict, examinations.Id!.Value, Stopwatch.GetElapsedTime(heardAt), recording);
            _monitor?.Metrics?.Concluded(message, heardAt);
            _sinks.Publish(message);
            vitals.Conclude(message);
        }
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

    [LoggerMessage(1001, LogLevel.Information, "Listening to {Source} at {Rate} Hz")]
    private partial void LogListening(string source, int rate);

    [LoggerMessage(1002, LogLevel.Warning, "{Source}: {Seconds:0.000} s of sound are missing; it goes on behind them")]
    private partial void LogMissing(string source, double seconds);
}
