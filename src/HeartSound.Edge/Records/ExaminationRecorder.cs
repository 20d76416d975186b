using System.Collections.Concurrent;
using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Records;

/// <summary>
/// Keeps the sound of examinations, encrypted, with some seconds from before. The pipeline's thread calls everything but <see cref="Dispose"/>, never waits and allocates nothing
/// while it listens; a thread of its own encrypts and writes.
/// <code>
/// Hear ─→ ring (pre-roll + 20 s) ─(record thread)→ chunk → AES-GCM → file
/// </code>
/// Whatever fails degrades the record, never the device: it is reported as <see cref="DevicePart.Record"/>, and tried again with the next examination.
/// </summary>
public sealed class ExaminationRecorder : IDisposable
{
    /// <summary>How long the disk may stand still before sound is missing from a record.</summary>
    private const double SlackSeconds = 10;

    /// <summary>Silence stands for at most this much lost sound; what is longer tells no more.</summary>
    private const double MaxSilenceSeconds = 5;

    private static readonly TimeSpan EndDeadline = TimeSpan.FromSeconds(1.5);

    private readonly RecordOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<RecordThread.Order> _orders = new();
    private readonly AutoResetEvent _ordered = new(false);
    private readonly Thread _thread;
    private RecordRing? _ring;
    private long _lost;
    private long _lostBefore;
    private volatile bool _recording;
    private volatile bool _ending;

    /// <param name="options">How much to keep, for how long, and under which key.</param>
    /// <param name="folder">Where to keep it.</param>
    /// <param name="health">Where it is said how this part is.</param>
    /// <param name="time">Gives the records their times.</param>
    /// <param name="log">Where trouble is said.</param>
    public ExaminationRecorder(RecordOptions options, string folder, DeviceHealth health, TimeProvider time, ILogger<ExaminationRecorder> log)
        : this(options, new RecordStore(folder), health, time, log, null)
    {
    }

    internal ExaminationRecorder(RecordOptions options, RecordStore store, DeviceHealth health, TimeProvider time, ILogger<ExaminationRecorder> log, Func<Stream, Stream>? disk)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        var work = new RecordThread(options, store, health, time, log, disk ?? (file => file));
        _thread = new Thread(() => Run(work)) { Name = "record", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether an examination is being kept, as far as the pipeline is concerned. Any thread.</summary>
    public bool IsRecording => _recording;

    /// <summary>A stethoscope of this rate is listened to from now on. Ends an examination that is under way; what was heard before is no pre-roll any more.</summary>
    public void Prepare(int sampleRateHz)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 1);
        Stop("interrupted");
        _ring = new RecordRing(sampleRateHz, _options.PreRollSeconds + 2 * SlackSeconds);
    }

    /// <summary>Samples were heard, full scale ±1, at the rate of the stethoscope.</summary>
    public void Hear(ReadOnlySpan<float> samples) => _ring?.Write(samples);

    /// <summary>Samples are missing before those that come next: silence stands in their place.</summary>
    public void MarkGap(long lostSamples)
    {
        if (_ring is null) return;
        _lost += lostSamples;
        _ring.WriteSilence(Math.Min(lostSamples, (long)(MaxSilenceSeconds * _ring.SampleRateHz)));
    }

    /// <summary>Keeps from here on, and the pre-roll. Ends an examination that is under way.</summary>
    /// <param name="examination">Which one begins; part of the file's name.</param>
    /// <param name="heardSeconds">How long ago it began: a window had to be heard before that was known. At most 10.</param>
    public void Start(Guid examination, double heardSeconds)
    {
        if (_ring is not { } ring) throw new InvalidOperationException($"{nameof(Prepare)} comes first.");
        Stop("interrupted");
        var heard = (long)(Math.Clamp(heardSeconds, 0, SlackSeconds) * ring.SampleRateHz);
        var past = Math.Min(ring.Written, heard + (long)(_options.PreRollSeconds * ring.SampleRateHz));
        _lostBefore = _lost;
        _recording = true;
        Give(new RecordThread.Order(ring, ring.Written - past, examination, _time.GetUtcNow() - TimeSpan.FromSeconds((double)past / ring.SampleRateHz), Math.Max(0, past - heard), null, 0));
    }

    /// <summary>Keeps up to here. Does nothing when no examination is under way.</summary>
    /// <param name="outcome">How it ended, one word, such as the verdict.</param>
    public void Stop(string outcome)
    {
        ArgumentException.ThrowIfNullOrEmpty(outcome);
        if (!_recording) return;
        _recording = false;
        Give(new RecordThread.Order(_ring!, _ring!.Written, Guid.Empty, default, 0, outcome, _lost - _lostBefore));
    }

    /// <summary>After the pipeline's thread has ended. Ends the record that is under way, waits for what can be written within 1.5 s, and ends the thread.</summary>
    public void Dispose()
    {
        Stop("stopped");
        _ending = true;
        _ordered.Set();
        if (_thread.Join(EndDeadline)) _ordered.Dispose();
    }

    private void Give(RecordThread.Order order)
    {
        _orders.Enqueue(order);
        _ordered.Set();
    }

    private void Run(RecordThread work)
    {
        using var _ = work;
        work.CheckNow();
        while (true)
        {
            if (_orders.TryDequeue(out var order)) work.Do(order);
            else if (_ending) return;
            else _ordered.WaitOne(work.GoOn());
        }
    }
}
