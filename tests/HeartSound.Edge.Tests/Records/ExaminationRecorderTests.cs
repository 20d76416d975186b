using System.Diagnostics;
using HeartSound.Edge.Health;
using HeartSound.Edge.Records;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Records;

public sealed class ExaminationRecorderTests : RecordTest
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60); // generous; nothing is asserted about time

    private readonly ManualTime _time = new();
    private readonly DeviceHealth _health;
    private int _heard;

    public ExaminationRecorderTests() => _health = new DeviceHealth(_time, NullLogger<DeviceHealth>.Instance);

    private RecordOptions Options => new() { Enabled = true, KeyFile = KeyFile, PreRollSeconds = 2, MinFreeMegabytes = 0 };

    [Fact]
    public void Stop_AfterAnExamination_TheFileHasPreRollSoundAndOutcome()
    {
        var examination = Guid.NewGuid();
        using (var recorder = Recorder(Options))
        {
            recorder.Prepare(Rate);
            Hear(recorder, 5 * Rate);
            recorder.Start(examination, 0);
            Hear(recorder, 3 * Rate);
            recorder.Stop("normal");
            Hear(recorder, Rate);
        }

        var record = Assert.Single(new RecordStore(Records).List());
        var (samples, trailer) = Read(record.Path);
        Assert.Equal(Ramp(5 * Rate, 3 * Rate), samples); // from 2 s before the examination, at 3 s, to its end at 8 s
        Assert.Equal(new RecordTrailer("normal", 5 * Rate, 2 * Rate, 0), trailer);
        Assert.Equal(examination, RecordReader.ReadHeader(record.Path).Examination);
        Assert.Equal(_time.GetUtcNow() - TimeSpan.FromSeconds(2), RecordReader.ReadHeader(record.Path).Start);
        Assert.Equal(1, _health.Counters["recordsKept"]);
    }

    [Fact]
    public void Start_RightAfterPrepare_PreRollIsWhatThereIs()
    {
        using (var recorder = Recorder(Options))
        {
            recorder.Prepare(Rate);
            Hear(recorder, 100);
            recorder.Start(Guid.NewGuid(), 0);
            Hear(recorder, 200);
            recorder.Stop("inconclusive");
        }

        Assert.Equal(Ramp(300), Read(new RecordStore(Records).List().Single().Path).Samples);
    }

    [Fact]
    public void Start_AfterItHasBegun_PreRollComesBeforeThat()
    {
        using (var recorder = Recorder(Options))
        {
            recorder.Prepare(Rate);
            Hear(recorder, 10 * Rate);
            recorder.Start(Guid.NewGuid(), heardSeconds: 3);
            Hear(recorder, Rate);
            recorder.Stop("normal");
        }

        var (samples, trailer) = Read(new RecordStore(Records).List().Single().Path);
        Assert.Equal(Ramp(6 * Rate, 5 * Rate), samples);
        Assert.Equal(2 * Rate, trailer!.PreRollSamples);
    }

    [Fact]
    public void MarkGap_LostSamples_AreSilenceAndCounted()
    {
        using (var recorder = Recorder(Options with { PreRollSeconds = 0 }))
        {
            recorder.Prepare(Rate);
            recorder.MarkGap(7); // before the examination: not its loss
            recorder.Start(Guid.NewGuid(), 0);
            Hear(recorder, 10);
            recorder.MarkGap(5);
            Hear(recorder, 10);
            recorder.Stop("normal");
        }

        var (samples, trailer) = Read(new RecordStore(Records).List().Single().Path);
        Assert.Equal([.. Ramp(10), .. new short[5], .. Ramp(10, 10)], samples);
        Assert.Equal(5, trailer!.LostSamples);
    }

    [Fact]
    public void Dispose_DuringAnExamination_TheFileIsWhole()
    {
        using (var recorder = Recorder(Options))
        {
            recorder.Prepare(Rate);
            recorder.Start(Guid.NewGuid(), 0);
            Hear(recorder, 10 * Rate);
        }

        Assert.Equal("stopped", Read(new RecordStore(Records).List().Single().Path).Trailer!.Outcome);
    }

    [Fact]
    public void Prepare_DuringAnExamination_EndsIt()
    {
        using (var recorder = Recorder(Options))
        {
            recorder.Prepare(Rate);
            recorder.Start(Guid.NewGuid(), 0);
            Hear(recorder, Rate);
            recorder.Prepare(2 * Rate);
            Assert.False(recorder.IsRecording);
        }

        Assert.Equal("interrupted", Read(new RecordStore(Records).List().Single().Path).Trailer!.Outcome);
    }

    [Fact]
    public void Hear_SteadyState_AllocatesNothing()
    {
        using var recorder = Recorder(Options);
        recorder.Prepare(Rate);
        recorder.Start(Guid.NewGuid(), 0);
        var block = new float[400];

        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 100; i++) recorder.Hear(block);
        }));
        recorder.Stop("normal");
    }

    [Fact]
    public void Start_WithoutKey_DeviceGoesOnAndHealsWhenThereIsOne()
    {
        File.Delete(KeyFile);
        using var recorder = Recorder(Options);
        recorder.Prepare(Rate);
        Keep(recorder);
        Until(() => Record() is { Level: PartLevel.Degraded, Cause: "noKey" });

        WriteKey("key", RecordKey.Generate());
        Keep(recorder);
        Until(() => Record() is { Level: PartLevel.Ok, Cause: "ready" });
    }

    [Fact]
    public void Hear_DiskFull_IsDegradedKeepsWhatWasWrittenAndHeals()
    {
        var room = RecordHeader.Bytes + 20_000;
        using var recorder = new ExaminationRecorder(Options, new RecordStore(Records), _health, _time, NullLogger<ExaminationRecorder>.Instance, file => new SmallDisk(file, () => room));
        recorder.Prepare(Rate);
        recorder.Start(Guid.NewGuid(), 0);
        Hear(recorder, 6 * Rate);
        recorder.Stop("normal");
        Until(() => Record() is { Level: PartLevel.Degraded, Cause: "diskFull" });
        var (samples, trailer) = Read(new RecordStore(Records).List().Single().Path);
        Assert.Equal(Ramp(samples.Length), samples); // one whole chunk
        Assert.Equal(2 * Rate, samples.Length);
        Assert.Null(trailer);

        room = int.MaxValue;
        _time.Advance(TimeSpan.FromSeconds(1)); // else the two would have one name and the same time
        Keep(recorder);
        Until(() => Record() is { Level: PartLevel.Ok });
        Assert.Equal(1, _health.Counters["recordsBroken"]);
    }

    /// <summary>What the kernel really says when a disk is full: /dev/full.</summary>
    [Fact]
    public void Start_RealFullDisk_IsDegraded()
    {
        using var recorder = new ExaminationRecorder(Options, new RecordStore(Records), _health, _time, NullLogger<ExaminationRecorder>.Instance, file =>
        {
            file.Dispose();
            return new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        });
        recorder.Prepare(Rate);
        Keep(recorder);

        Until(() => Record() is { Level: PartLevel.Degraded, Cause: "diskFull" });
    }

    [Fact]
    public void Start_LessFreeThanMustStay_NothingIsWritten()
    {
        using var recorder = Recorder(Options with { MinFreeMegabytes = 1_000_000_000 });
        recorder.Prepare(Rate);
        Keep(recorder);
        Until(() => Record() is { Level: PartLevel.Degraded, Cause: "diskFull" });

        Assert.Empty(new RecordStore(Records).List());
    }

    [Fact]
    public void Start_FolderIsAFile_IsDegraded()
    {
        File.WriteAllText(Records, "");
        using var recorder = Recorder(Options);
        recorder.Prepare(Rate);
        Keep(recorder);

        Until(() => Record() is { Level: PartLevel.Degraded, Cause: "cannotWrite" });
    }

    [Fact]
    public void Hear_DiskStandsStill_SoundIsMissingButTimeIsKept()
    {
        using var gate = new ManualResetEventSlim();
        using (var recorder = new ExaminationRecorder(Options, new RecordStore(Records), _health, _time, NullLogger<ExaminationRecorder>.Instance, file => new StoppedDisk(file, gate)))
        {
            recorder.Prepare(Rate);
            recorder.Start(Guid.NewGuid(), 0);
            Hear(recorder, 60 * Rate);
            recorder.Stop("normal");
            gate.Set();
            Until(() => Record() is { Level: PartLevel.Degraded, Cause: "tooSlow" });
        }

        var (samples, trailer) = Read(new RecordStore(Records).List().Single().Path);
        Assert.Equal(60 * Rate, samples.Length);
        Assert.InRange(trailer!.LostSamples, 1, 60 * Rate);
        Assert.Equal(Ramp(Rate, 59 * Rate), samples[^Rate..]);
    }

    private ExaminationRecorder Recorder(RecordOptions options) => new(options, Records, _health, _time, NullLogger<ExaminationRecorder>.Instance);

    private PartHealth? Record() => _health.Parts.GetValueOrDefault(DevicePart.Record);

    private void Keep(ExaminationRecorder recorder)
    {
        recorder.Start(Guid.NewGuid(), 0);
        Hear(recorder, Rate);
        recorder.Stop("normal");
    }

    /// <summary>The ramp 0, 1, 2 … of all that was ever heard.</summary>
    private void Hear(ExaminationRecorder recorder, int samples)
    {
        for (var end = _heard + samples; _heard < end;)
        {
            var block = Ramp(Math.Min(400, end - _heard), _heard).Select(s => s / 32768f).ToArray();
            recorder.Hear(block);
            _heard += block.Length;
        }
    }

    private static void Until(Func<bool> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, "nothing happened");
            Thread.Sleep(5);
        }
    }
}
