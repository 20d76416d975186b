using HeartSound.Edge.Inference;
using HeartSound.Native.OnnxRuntime;
using HeartSound.Signal;

namespace HeartSound.Edge.Pipeline;

/// <summary>
/// The way from samples to a verdict, and the only one: the live microphone, <c>replay</c> and <c>classify</c> all go through here.
/// <code>
/// samples ─→ (1) front end ─┬→ window ─┬→ (2) quality ──────────────┐
///                           │          ├→ (3) heart rate ───────────┤
///                           │          └→ (4) features → network ───┴→ (5) evidence ─┬→ (7) policy ─→ verdict
///                           │                                                        └→ (6) opinion, while it lasts
///                           └→ glance ───→ (8) hint, four times a second
/// </code>
/// Its clock is the sample position: the same samples give the same verdicts, bit for bit, however they are chunked.
/// Not thread-safe; the classifier stays the caller's. Nothing is allocated between verdicts.
/// </summary>
public sealed class ListeningPipeline
{
    private readonly FrontEnd _frontEnd;
    private readonly SignalQuality _quality;
    private readonly HeartRate _heartRate;
    private readonly IClassifier _classifier;
    private readonly VerdictPolicy _policy;
    private readonly Evidence _evidence;
    private readonly OpinionHold _opinion;
    private readonly ContactHints _hints;
    private readonly StageClock _clock = new();
    private readonly float[] _logits;
    private readonly double[] _windowLogits;
    private readonly double[] _windowProbabilities;
    private bool? _hasContact;     // by the last hint; null before the first of a stretch
    private long? _contactAt;      // position where the stretch starts anew, because contact began
    private double _contactLostSeconds;
    private double _evidenceStart;
    private long _gapsBefore;
    private long _faultySamplesBefore;

    /// <summary>Prepares for a source of the given rate.</summary>
    /// <exception cref="ArgumentException">The rate cannot be resampled to the model's.</exception>
    public ListeningPipeline(ModelManifest manifest, IClassifier classifier, int sourceRateHz)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(classifier);
        var spec = manifest.FrontEnd;
        _frontEnd = new FrontEnd(spec, sourceRateHz, Hear, Glance);
        _quality = new SignalQuality(spec, manifest.Quality);
        _heartRate = new HeartRate(spec.SampleRateHz);
        _classifier = classifier;
        _policy = new VerdictPolicy(manifest);
        _evidence = new Evidence(manifest.Labels.Count);
        _opinion = new OpinionHold(manifest, _policy);
        _hints = new ContactHints(spec, sourceRateHz, manifest.Quality);
        _logits = new float[manifest.Labels.Count];
        _windowLogits = new double[manifest.Labels.Count];
        _windowProbabilities = new double[manifest.Labels.Count];
    }

    /// <summary>Called for every window that was judged, whether it counts or not.</summary>
    public WindowHandler? WindowHeard { get; set; }

    /// <summary>Called every 0.25 s of sound, on the thread that calls <see cref="Listen"/>; in a new stretch – behind a gap, and behind <see cref="Conclude"/> – as soon as
    /// 1 s of it is there. Where it is null nothing is judged.</summary>
    public ContactHandler? HintHeard { get; set; }

    /// <summary>Told how long each step takes; null when nobody asks.</summary>
    internal IPipelineObserver? Observer
    {
        get => _clock.Observer;
        set => _clock.Observer = value;
    }

    /// <summary>1: every window is judged; 2: every second one is left out, for half the work. Windows overlap by half, so no sound is left out.</summary>
    public int WindowStride { get; set; } = 1;

    /// <summary>Whether the chest piece may be lifted and put down: where contact begins after there was none, the stretch starts anew, so that no window – and no
    /// window's normalisation – mixes silence and heart. False for recordings.</summary>
    public bool FollowsContact { get; set; }

    /// <summary>With <see cref="FollowsContact"/>: whether windows without contact are passed over, rather than judged and rejected.</summary>
    public bool PassesOverSilence { get; set; }

    /// <summary>With <see cref="FollowsContact"/>: while this is so windows are passed over, for that nobody is at the stethoscope is not even a reason to be unsure.
    /// Contact ends it, and the evidence starts there.</summary>
    public bool WaitsForContact { get; set; }

    /// <summary>Windows that came out of the front end since the start, those that were left out or passed over included.</summary>
    public long Windows { get; private set; }

    /// <summary>Whether a window was judged since the last verdict.</summary>
    public bool HasEvidence => _evidence.Windows > 0;

    /// <summary>Seconds since the evidence for the next verdict started, gaps included.</summary>
    public double EvidenceSeconds => PositionSeconds - _evidenceStart;

    /// <summary>Seconds of the stream so far, gaps included.</summary>
    public double PositionSeconds => (double)_frontEnd.PositionSamples / _frontEnd.SourceRateHz;

    /// <summary>
    /// Samples that are still to be heard until windows over <paramref name="examination"/> since the last verdict or <see cref="Discard"/> are complete, what the filters hold back
    /// included; 0 when they are.
    /// </summary>
    public int SamplesUntil(TimeSpan examination)
    {
        var end = Math.Ceiling((_evidenceStart + examination.TotalSeconds + _frontEnd.LatencySeconds) * _frontEnd.SourceRateHz);
        return (int)Math.Clamp(end - _frontEnd.PositionSamples, 0, int.MaxValue);
    }

    /// <summary>Samples in one piece that hold a window for certain: behind a gap, a whole window and what the filters hold back.</summary>
    public long MaxSamplesWithoutWindow => (long)Math.Ceiling((2 * _frontEnd.Spec.WindowSeconds + _frontEnd.LatencySeconds) * _frontEnd.SourceRateHz);

    /// <summary>With <see cref="FollowsContact"/>: samples that are still to be heard until contact has been away for this long; 0 when it has. Many while there is contact.</summary>
    public int SamplesUntilAway(TimeSpan away) =>
        _hasContact != false ? int.MaxValue : (int)Math.Clamp(_frontEnd.PositionAfter(_contactLostSeconds + away.TotalSeconds) - _frontEnd.PositionSamples, 0, int.MaxValue);

    /// <summary>Takes samples at the source's own rate; full scale is ±1.</summary>
    public void Listen(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0)
        {
            // Step 1: The front end calls Hear for every window, and Glance four times a second.
            var piece = (int)Math.Min(Math.Min(samples.Length, FrontEnd.BlockSamples), (_contactAt ?? long.MaxValue) - _frontEnd.PositionSamples);
            _clock.Start();
            _frontEnd.Listen(samples[..piece]);
            _clock.HoldFrontEnd();
            samples = samples[piece..];
            if (_contactAt == _frontEnd.PositionSamples) Touch();
        }
    }

    /// <summary>Says that samples are missing here: no window spans this place.</summary>
    public void MarkGap(long lostSamples)
    {
        _frontEnd.MarkGap(lostSamples);
        _hints.Reset();
        _hasContact = null;
        _contactAt = null;
    }

    /// <summary>Forgets what was heard since the last verdict, without a verdict: the examination begins here, and no window holds sound from before.</summary>
    public void Discard()
    {
        StartExamination(PositionSeconds);
        _frontEnd.StartStretch();
    }

    /// <summary>The verdict over what was heard since the last one. The stream goes on, and nothing heard so far counts again.</summary>
    public Verdict Conclude()
    {
        var verdict = Decide();
        _frontEnd.StartStretch();
        return verdict;
    }

    /// <summary>The stream has ended: the verdict over what was heard since the last one. Another stream of the same rate may follow.</summary>
    public Verdict Complete()
    {
        _clock.Start();
        _frontEnd.Complete();
        _clock.HoldFrontEnd();
        var verdict = Decide();
        _frontEnd.Reset();
        _hints.Reset();
        _hasContact = null;
        _contactAt = null;
        _evidenceStart = 0;
        _gapsBefore = 0;
        _faultySamplesBefore = 0;
        return verdict;
    }

    private Verdict Decide()
    {
        // Step 7: The manifest's policy turns the evidence into an answer.
        _clock.Start();
        var verdict = _policy.Decide(_evidence, _heartRate.Current, Quality(), _evidenceStart, PositionSeconds) with { ComputedBy = ComputedBy() };
        _clock.Lap(PipelineStage.Verdict);
        StartExamination(PositionSeconds);
        return verdict;
    }

    private void StartExamination(double atSeconds)
    {
        _evidence.Clear();
        _opinion.Clear();
        _heartRate.Reset();
        _evidenceStart = atSeconds;
        _gapsBefore = _frontEnd.Gaps;
        _faultySamplesBefore = _frontEnd.FaultySamples;
    }

    private void Hear(in SignalWindow window)
    {
        _clock.LapFrontEnd();
        // Left out for heat, or nobody is at the stethoscope, or somebody just came and the stretch is about to start anew.
        if (Windows++ % WindowStride != 0 || WaitsForContact || _contactAt is not null || (PassesOverSilence && _hasContact == false)) return;

        // Step 2: Is this a heart, and can it be heard?
        var quality = _quality.Assess(window.Source, _frontEnd.SourceRateHz, window.Wideband, window.Banded);
        _clock.Lap(PipelineStage.Quality);

        // Step 3: How fast does it beat?
        if (quality.Accepted) _heartRate.Add(window.Banded, window.StartSeconds);
        _clock.Lap(PipelineStage.HeartRate);

        // Step 4: What does the network say? It is asked even of a rejected window, whose answer counts only in figures that know no abstaining.
        _classifier.Classify(window.Features, _logits);
        _clock.Lap(PipelineStage.Network);

        // Step 5: Only accepted windows are evidence.
        _evidence.Add(window.StartSeconds, window.EndSeconds, quality, _logits, _classifier.Provider);

        // Step 6: What does it look like so far?
        var heartRate = _heartRate.Current;
        if (quality.Accepted) _opinion.Hear(_evidence, heartRate);
        if (WindowHeard is { } heard) Show(heard, window, quality, heartRate);
        _clock.Observer?.WindowJudged(quality.Reason);
        _clock.Lap(PipelineStage.Evidence);
    }

    private void Show(WindowHandler heard, in SignalWindow window, in QualityReport quality, in HeartRateEstimate heartRate)
    {
        for (var label = 0; label < _logits.Length; label++) _windowLogits[label] = _logits[label];
        _policy.Probabilities(_windowLogits, 1, _windowProbabilities);
        heard(window, new WindowResult
        {
            StartSeconds = window.StartSeconds,
            EndSeconds = window.EndSeconds,
            Quality = quality,
            AlarmProbability = _policy.AlarmProbability(_windowProbabilities),
            HeartRate = heartRate,
            Opinion = _opinion.Current,
        });
    }

    private void Glance(in SignalWindow glance)
    {
        // Step 8: How is the chest piece held?
        if (HintHeard is null && !FollowsContact) return;
        _clock.HoldFrontEnd();
        var report = _hints.Judge(glance);
        if (FollowsContact) Follow(report);
        HintHeard?.Invoke(report);
        _clock.Lap(PipelineStage.Hint);
    }

    private void Follow(in ContactReport report)
    {
        var hasContact = report.Hint is not (ContactHint.NoSignal or ContactHint.TooQuiet);
        if (!hasContact && _hasContact != false) _contactLostSeconds = report.AtSeconds;
        if (!hasContact) _contactAt = null;
        else if (_hasContact == false) _contactAt = _frontEnd.PositionAfter(report.AtSeconds);
        else if (WaitsForContact && _contactAt is null) Begin(_frontEnd.StretchStartSeconds);
        _hasContact = hasContact;
    }

    /// <summary>The chest piece was put down, and what is heard from here on is heard through it.</summary>
    private void Touch()
    {
        _contactAt = null;
        _frontEnd.StartStretch();
        if (WaitsForContact) Begin(PositionSeconds);
    }

    private void Begin(double atSeconds)
    {
        WaitsForContact = false;
        StartExamination(atSeconds);
    }

    private Dictionary<OnnxProvider, int> ComputedBy() => Enum.GetValues<OnnxProvider>().Where(p => _evidence.Count(p) > 0).ToDictionary(p => p, _evidence.Count);

    private VerdictQuality Quality() => new()
    {
        Score = _evidence.Score,
        Windows = _evidence.Windows,
        AcceptedWindows = _evidence.AcceptedWindows,
        GoodSeconds = _evidence.GoodSeconds,
        Rejected = Enum.GetValues<QualityReason>().Where(r => r != QualityReason.Good && _evidence.Count(r) > 0).ToDictionary(r => r, _evidence.Count),
        Gaps = _frontEnd.Gaps - _gapsBefore,
        FaultySamples = _frontEnd.FaultySamples - _faultySamplesBefore,
    };
}
