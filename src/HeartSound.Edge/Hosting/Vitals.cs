using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Hosting;

/// <summary>
/// What the pipeline's thread tells those who watch it while it listens: activity (lights, live message), progress (watchdog), record. Does nothing where nobody does.
/// Belongs to that thread; allocates nothing between verdicts.
/// </summary>
internal sealed class Vitals
{
    /// <summary>How late a verdict may be before the watchdog misses it.</summary>
    private static readonly TimeSpan VerdictGrace = TimeSpan.FromSeconds(30);

    private readonly DeviceMonitor? _monitor;
    private readonly ListeningPipeline _pipeline;
    private readonly Examinations _examinations;
    private readonly int _sampleRateHz;
    private WindowResult? _window;
    private Guid? _examination;
    private int _changes;
    private long _windows;

    public Vitals(DeviceMonitor? monitor, ListeningPipeline pipeline, Examinations examinations, int sampleRateHz)
    {
        _monitor = monitor;
        _pipeline = pipeline;
        _examinations = examinations;
        _sampleRateHz = sampleRateHz;
        if (monitor is null) return;

        pipeline.WindowHeard = (in _, in window) => _window = window;
        pipeline.HintHeard = Show;
        monitor.Progress.ExpectWindowWithin(pipeline.MaxSamplesWithoutWindow);
        monitor.Recorder?.Prepare(sampleRateHz);
    }

    /// <summary>An examination may have begun, gone on to another site, or ended.</summary>
    public void Follow()
    {
        if (_monitor is null || _examinations.Changes == _changes) return;
        _changes = _examinations.Changes;
        _window = null;
        Promise();
        _monitor.Activity.Live = Now(_monitor.Activity.Live);
        if (_examinations.Id == _examination) return;
        _examination = _examinations.Id;
        if (_examination is not { } examination) return;
        if (_examinations.WasAskedFor) _monitor.Activity.Forget();
        _monitor.Recorder?.Start(examination, _pipeline.EvidenceSeconds);
    }

    /// <summary>Samples were heard, and every verdict that was due is given.</summary>
    public void Hear(ReadOnlySpan<float> samples)
    {
        if (_monitor is null) return;
        _monitor.Recorder?.Hear(samples);
        if (_pipeline.Windows != _windows) _monitor.Progress.AddWindow();
        _windows = _pipeline.Windows;
        _monitor.Progress.AddHeard(Math.Max(1, samples.Length));
    }

    /// <summary>Samples are missing here.</summary>
    public void Miss(long samples)
    {
        if (_monitor is null) return;
        _monitor.Recorder?.MarkGap(samples);
        _monitor.Progress.AddGap();
        Promise();
    }

    /// <summary>Nothing comes from the stethoscope.</summary>
    public void Lose()
    {
        if (_monitor is null) return;
        _window = null; // what comes next may be another heart
        _monitor.Activity.Live = Now(LiveState.Nothing);
        _monitor.Progress.ExpectNoVerdict();
    }

    public void Conclude(VerdictMessage message)
    {
        if (_monitor is null) return;
        _monitor.Activity.Conclude(message);
        _monitor.Recorder?.Stop(message.Verdict);
    }

    private void Promise()
    {
        if (_examinations.DueSeconds is { } seconds) _monitor!.Progress.ExpectVerdictWithin(TimeSpan.FromSeconds(seconds) + _examinations.Patience + VerdictGrace);
        else _monitor!.Progress.ExpectNoVerdict();
    }

    private void Show(in ContactReport report) => _monitor!.Activity.Live = Now(new LiveState { LevelDb = report.LevelDb, Hint = report.Hint });

    private LiveState Now(in LiveState heard) => heard with
    {
        HeartRateBpm = _window?.HeartRate.BeatsPerMinute,
        AlarmProbability = _window?.AlarmProbability,
        Opinion = _examinations.Opinion(_window?.Opinion ?? LiveOpinion.None),
        Phase = _examinations.Phase,
        Examination = _examinations.Id,
        Site = _examinations.Site,
        RemainingSeconds = _examinations.RemainingSeconds,
    };
}
