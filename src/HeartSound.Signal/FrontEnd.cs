namespace HeartSound.Signal;

/// <summary>
/// Samples in, windows out: the one implementation of the front end, for the device and for training alike.
/// <code>
/// samples ─→ (1) find gaps ─→ (2) resample ─→ (3) band-pass ─→ (4) spikes ─→ (5) history
///                                    │                                         │
///                                    └── wideband ──→ window ←── banded ───────┤
///                                                        ↑                     │
///                                           (7) normalise ←──── (6) log-mel ───┘
/// </code>
/// Who wants to follow the sound more closely than by windows gets a glance at the last 2 s of the histories (5) four times a second.
/// Its clock is the sample position, so the same samples give the same windows and glances, bit for bit and in the same order, however they are chunked.
/// A NaN or an infinity is treated like a lost sample: it ends the stretch, and no window spans it.
/// Not thread-safe. Allocates only in the constructor.
/// </summary>
public sealed class FrontEnd
{
    /// <summary>Source samples that are worked on at once; longer input is cut, which changes no result.</summary>
    public const int BlockSamples = 2048;

    private const int GlancesPerSecond = 4;
    private const int GlanceSeconds = 2;
    private const int FirstGlanceSeconds = 1;

    private readonly Resampler _resampler;
    private readonly SignalWindowHandler _hear;
    private readonly SignalWindowHandler? _glance;
    private readonly BiquadCascade _bandPass;
    private readonly SpikeRemover? _spikes;
    private readonly LogMel _logMel;
    private readonly FeatureNormaliser _normaliser;

    private readonly float[] _resampled;
    private readonly float[] _filtered;
    private readonly float[] _despiked;
    private readonly SampleHistory _source;
    private readonly SampleHistory _wideband;
    private readonly SampleHistory _banded;
    private readonly FrameHistory _frames;
    private readonly float[] _features;

    private long _position;      // source samples since the start of the stream, lost ones included
    private long _stretchStart;  // _position where the present stretch without a gap began
    private bool _inGap;         // no sample has come since the last gap
    private long _nextWindow;    // number, within the stretch, of the window that comes next
    private long _nextGlance;    // the same of the glance

    /// <param name="spec">What to make.</param>
    /// <param name="sourceRateHz">Rate of the samples that will come, in hertz.</param>
    /// <param name="hear">Called for every complete window, in order.</param>
    /// <param name="glance">Called every 0.25 s of sound with the last 2 s, which have no features; for the first time in a stretch when 1 s of it is there. Null for nobody.</param>
    /// <exception cref="ArgumentException">The spec has <see cref="FrontEndSpec.Faults"/>, or the rate cannot be resampled to the spec's.</exception>
    public FrontEnd(FrontEndSpec spec, int sourceRateHz, SignalWindowHandler hear, SignalWindowHandler? glance = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(hear);
        _hear = hear;
        _glance = glance;
        if (spec.Faults() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(spec));
        Spec = spec;
        SourceRateHz = sourceRateHz;
        _resampler = new Resampler(sourceRateHz, spec.SampleRateHz);
        _bandPass = new BiquadCascade(Butterworth.BandPass(spec.BandOrder, spec.BandLowHz, spec.BandHighHz, spec.SampleRateHz));
        _spikes = spec.RemoveSpikes ? new SpikeRemover(spec.SampleRateHz) : null;
        _logMel = new LogMel(spec);
        _normaliser = new FeatureNormaliser(spec);

        // The end of the stream flushes the resampler's and the spike remover's tails in one go: make room for them.
        var block = _resampler.MaxOutput(BlockSamples + (int)Math.Ceiling(_resampler.LatencySeconds * sourceRateHz) + 1);
        _resampled = new float[block];
        _filtered = new float[block];
        _despiked = _spikes is null ? _filtered : new float[_spikes.MaxOutput(block) + _spikes.DelaySamples];
        var delay = _spikes?.DelaySamples ?? 0;
        var held = glance is null ? spec.WindowSamples : Math.Max(spec.WindowSamples, GlanceSeconds * spec.SampleRateHz + spec.WindowHopSamples + spec.HopSamples);
        var sourceHeld = (int)Math.Ceiling((held + delay + 2L * block) * (double)sourceRateHz / spec.SampleRateHz) + 2 * BlockSamples;
        _source = new SampleHistory(sourceHeld);
        _wideband = new SampleHistory(held + delay + 2 * block);
        _banded = new SampleHistory(held + delay + 2 * block);
        _frames = new FrameHistory(spec.MelBands, spec.NormalisationFrames + _banded.Capacity / spec.HopSamples + 1);
        _features = new float[spec.MelBands * spec.WindowFrames];
    }

    /// <summary>The spec whose features this makes.</summary>
    public FrontEndSpec Spec { get; }

    /// <summary>Rate of the samples that come in, in hertz.</summary>
    public int SourceRateHz { get; }

    /// <summary>Sound that must be heard beyond a window's end before the window comes out, in seconds: what resampler and spike removal hold back.</summary>
    public double LatencySeconds => _resampler.LatencySeconds + (double)(_spikes?.DelaySamples ?? 0) / Spec.SampleRateHz;

    /// <summary>Source samples so far, lost ones included: the clock of everything that follows.</summary>
    public long PositionSamples => _position;

    /// <summary>Where the present stretch without a gap began, in seconds from the start of the stream.</summary>
    public double StretchStartSeconds => (double)_stretchStart / SourceRateHz;

    /// <summary>The position that input in pieces of at most <see cref="BlockSamples"/> has reached at the latest when sound up to <paramref name="seconds"/> has been
    /// glanced at: the same however the input is chunked.</summary>
    public long PositionAfter(double seconds) => (long)Math.Ceiling((seconds + LatencySeconds) * SourceRateHz) + BlockSamples;

    /// <summary>Samples that were NaN or infinite, since the start.</summary>
    public long FaultySamples { get; private set; }

    /// <summary>Places where samples were missing or faulty, since the start.</summary>
    public long Gaps { get; private set; }

    /// <summary>Takes samples, any number of them; full scale is ±1.</summary>
    public void Listen(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0)
        {
            // Step 1: A sample that is not a number ends the stretch, as a lost one does.
            var block = samples[..Math.Min(samples.Length, BlockSamples)];
            var sound = NonFinite.IndexIn(block);
            if (sound == 0)
            {
                var faulty = 1;
                while (faulty < block.Length && !float.IsFinite(block[faulty])) faulty++;
                FaultySamples += faulty;
                MarkGap(faulty);
                samples = samples[faulty..];
                continue;
            }

            if (sound > 0) block = block[..sound];
            _inGap = false;
            _source.Append(block);
            _position += block.Length;
            Advance(_resampler.Process(block, _resampled));
            HearWindows();
            samples = samples[block.Length..];
        }
    }

    /// <summary>Says that <paramref name="lostSamples"/> are missing here (0 when nobody knows how many). What is under way is dropped: no window spans a gap.</summary>
    public void MarkGap(long lostSamples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lostSamples);
        if (!_inGap) Gaps++; // a gap told in several pieces is one gap
        _inGap = true;
        _position += lostSamples;
        StartStretch();
    }

    /// <summary>Starts anew at the present place of the stream, as behind a gap, though nothing is missing: windows from here on hold nothing from before.</summary>
    public void StartStretch()
    {
        _stretchStart = _position;
        _nextWindow = 0;
        _nextGlance = 0;
        _resampler.Reset();
        _bandPass.Reset();
        _spikes?.Reset();
        _source.Reset();
        _wideband.Reset();
        _banded.Reset();
        _frames.Reset();
    }

    /// <summary>Says that the stream has ended, so that the last samples leave the filters. <see cref="Reset"/> comes next.</summary>
    public void Complete()
    {
        Advance(_resampler.Flush(_resampled));
        if (_spikes is not null) _banded.Append(_despiked.AsSpan(0, _spikes.Flush(_despiked)));
        HearWindows();
    }

    /// <summary>Forgets everything, so that another stream of the same rate can begin.</summary>
    public void Reset()
    {
        _position = 0;
        _inGap = false;
        FaultySamples = 0;
        Gaps = 0;
        StartStretch();
    }

    private void Advance(int resampledSamples)
    {
        // Step 2 has filled _resampled.
        var wideband = _resampled.AsSpan(0, resampledSamples);
        _wideband.Append(wideband);

        // Step 3: Band-pass.
        var filtered = _filtered.AsSpan(0, resampledSamples);
        _bandPass.Process(wideband, filtered);

        // Steps 4 and 5: Spikes, where the spec says so; then into the history.
        if (_spikes is null) _banded.Append(filtered);
        else _banded.Append(_despiked.AsSpan(0, _spikes.Process(filtered, _despiked)));
    }

    private void HearWindows()
    {
        for (; ; _nextWindow++)
        {
            var start = Spec.WindowStart(_nextWindow);
            var end = start + Spec.WindowSamples;
            Glance(Math.Min(end, _banded.End));
            if (_banded.End < end) return;

            // Step 6: The frames that this window needs and that no earlier one had.
            var lastFrame = start / Spec.HopSamples + Spec.WindowFrames;
            var newFrames = (int)(lastFrame - _frames.End);
            _logMel.Transform(_banded.Span(_frames.End * Spec.HopSamples, (newFrames - 1) * Spec.HopSamples + Spec.FftSamples),
                newFrames, _frames.Append(newFrames), _frames.Stride);

            // Step 7: Normalise over the history that the spec asks for.
            var historyFrames = (int)Math.Min(Spec.NormalisationFrames, lastFrame);
            _normaliser.Normalise(_frames.Span(lastFrame - historyFrames), _frames.Stride, historyFrames, _features);
            _hear(Window(start, end, _features));

            // What no later window and no later glance needs may go. The frames keep their own history.
            var next = Spec.WindowStart(_nextWindow + 1);
            var needed = _glance is null ? next : Math.Min(next, end - GlanceSeconds * Spec.SampleRateHz);
            _source.Release(needed * SourceRateHz / Spec.SampleRateHz);
            _wideband.Release(needed);
            _banded.Release(Math.Min(needed, _frames.End * Spec.HopSamples));
            _frames.Release(next / Spec.HopSamples + Spec.WindowFrames - Spec.NormalisationFrames);
        }
    }

    private void Glance(long until)
    {
        if (_glance is null) return;
        for (; ; _nextGlance++)
        {
            var end = FirstGlanceSeconds * Spec.SampleRateHz + _nextGlance * Spec.SampleRateHz / GlancesPerSecond;
            if (end > until) return;
            _glance(Window(Math.Max(0, end - GlanceSeconds * Spec.SampleRateHz), end, []));
        }
    }

    /// <summary>From <paramref name="start"/> to <paramref name="end"/> of the stretch, in samples at the spec's rate.</summary>
    private SignalWindow Window(long start, long end, ReadOnlySpan<float> features)
    {
        var sourceStart = start * SourceRateHz / Spec.SampleRateHz;
        var sourceEnd = Math.Min(end * SourceRateHz / Spec.SampleRateHz, _source.End);
        return new SignalWindow
        {
            StartSeconds = (double)_stretchStart / SourceRateHz + (double)start / Spec.SampleRateHz,
            EndSeconds = (double)_stretchStart / SourceRateHz + (double)end / Spec.SampleRateHz,
            Source = _source.Span(sourceStart, (int)(sourceEnd - sourceStart)),
            Wideband = _wideband.Span(start, (int)(end - start)),
            Banded = _banded.Span(start, (int)(end - start)),
            Features = features,
        };
    }
}
