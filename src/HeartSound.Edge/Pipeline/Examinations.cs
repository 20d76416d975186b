namespace HeartSound.Edge.Pipeline;

/// <summary>
/// Cuts what is heard into examinations, each of which ends in one verdict:
/// <code>
/// idle ─(button, command)→ examining ─(its seconds are over, button, command, the sound stayed away)→ verdict ─→ idle
/// waiting ─(contact)→ examining ─(the same, or the chest piece was lifted)→ verdict ─→ waiting
/// </code>
/// Its clock is the sample position of the pipeline; sound that was missing in between does not count. Used by the pipeline's thread, but for <see cref="Start"/>,
/// <see cref="Stop"/> and <see cref="Toggle"/>, which any thread may call.
/// </summary>
public sealed class Examinations
{
    /// <summary>How long the chest piece may be off before an examination that began by itself ends by itself.</summary>
    private static readonly TimeSpan Lifted = TimeSpan.FromSeconds(3);

    private volatile ExaminationOptions _options;
    private readonly bool _isWholeSource;
    private volatile Request _request;
    private ListeningPipeline? _pipeline;
    private double _missingSeconds;
    private ExaminationStart _awaited;

    public Examinations(ExaminationOptions options)
        : this(options, isWholeSource: false)
    {
    }

    private Examinations(ExaminationOptions options, bool isWholeSource)
    {
        _options = options;
        _isWholeSource = isWholeSource;
    }

    private enum Request
    {
        None,
        Start,
        Stop,
        Toggle,
    }

    /// <summary>Any thread may set them: the length counts at once, what begins an examination as soon as none is under way.</summary>
    public ExaminationOptions Options
    {
        get => _options;
        set => _options = value;
    }

    public ExaminationPhase Phase { get; private set; }

    /// <summary>Of the examination under way; null when there is none.</summary>
    public Guid? Id { get; private set; }

    /// <summary>Whether somebody asked for the examination under way, by button or command, so that it is about somebody else than the one before.</summary>
    public bool WasAskedFor { get; private set; }

    /// <summary>How long an examination waits for sound that stays away.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(_options.AbandonAfterSeconds);

    /// <summary>Sound that is still to be heard of the examination under way, in seconds; null when there is none, or no end.</summary>
    public double? RemainingSeconds => Phase == ExaminationPhase.Examining && !_isWholeSource && _pipeline is { } pipeline
        ? Math.Max(0, _options.Seconds + _missingSeconds - pipeline.EvidenceSeconds)
        : null;

    /// <summary>One examination as long as its source, for recordings.</summary>
    public static Examinations OfWholeSource() => new(new ExaminationOptions { Start = ExaminationStart.Always }, isWholeSource: true);

    /// <summary>Any thread: an examination shall begin now.</summary>
    public void Start() => _request = Request.Start;

    /// <summary>Any thread: the examination under way shall end now, with a verdict over what was heard.</summary>
    public void Stop() => _request = Request.Stop;

    /// <summary>Any thread: what the button does.</summary>
    public void Toggle() => _request = Request.Toggle;

    /// <summary>A stream begins; what was under way is over.</summary>
    internal void Begin(ListeningPipeline pipeline)
    {
        _pipeline = pipeline;
        pipeline.FollowsContact = !_isWholeSource;
        _request = Request.None; // what was asked for while there was nothing to listen to was about another moment
        AwaitNext();
    }

    /// <summary>Does what was asked for. Returns whether the examination under way shall be concluded.</summary>
    internal bool Obey()
    {
        // Between two examinations a device that is told to wait for something else does so at once: what it waited for may never come.
        if (Phase != ExaminationPhase.Examining && _options.Start != _awaited) AwaitNext();
        var request = Interlocked.Exchange(ref _request, Request.None);
        var isExamining = Phase == ExaminationPhase.Examining;
        if (request == Request.Toggle) request = isExamining ? Request.Stop : Request.Start;
        if (request == Request.Start && !isExamining)
        {
            _pipeline!.Discard();
            Enter();
            WasAskedFor = true;
            _pipeline.PassesOverSilence = false;
        }

        return request == Request.Stop && isExamining;
    }

    /// <summary>How many of <paramref name="available"/> samples belong to what is under way.</summary>
    internal int SamplesToHear(int available)
    {
        if (Phase != ExaminationPhase.Examining || _isWholeSource) return available;
        var samples = Math.Min(available, _pipeline!.SamplesUntil(TimeSpan.FromSeconds(_options.Seconds + _missingSeconds)));
        return BeganByItself ? Math.Min(samples, _pipeline.SamplesUntilAway(Lifted)) : samples;
    }

    /// <summary>Whether the examination that is over was only a touch: it began by itself, and the chest piece was off again before a window was heard. No verdict comes of that.</summary>
    internal bool WasOnlyATouch => BeganByItself && !_pipeline!.HasEvidence;

    /// <summary>Whether the examination under way is worth a verdict though its sound stays away, or has ended. A fault alone is none.</summary>
    internal bool HasSomethingToSay => Phase == ExaminationPhase.Examining && (_isWholeSource || _pipeline!.HasEvidence);

    /// <summary>The sound has stayed away for <see cref="Patience"/>. Returns whether the examination under way shall be concluded; one in which nothing was heard yet is
    /// given up.</summary>
    internal bool Abandon()
    {
        if (HasSomethingToSay) return true;
        if (Phase == ExaminationPhase.Examining && WasAskedFor) AwaitNext();
        return false;
    }

    /// <summary>Samples were heard, or were missing. Returns whether the examination is over.</summary>
    internal bool Follow()
    {
        if (Phase == ExaminationPhase.Waiting && !_pipeline!.WaitsForContact) Enter();
        return Phase == ExaminationPhase.Examining && SamplesToHear(1) == 0;
    }

    /// <summary>Sound is missing here: the examination becomes longer by that.</summary>
    internal void Miss(double seconds)
    {
        if (Phase == ExaminationPhase.Examining && !_isWholeSource) _missingSeconds += seconds;
    }

    /// <summary>The verdict is given: on to the next.</summary>
    internal void AwaitNext()
    {
        Id = null;
        _awaited = _options.Start;
        Phase = _options.Start == ExaminationStart.Contact ? ExaminationPhase.Waiting : ExaminationPhase.Idle;
        _pipeline!.WaitsForContact = Phase == ExaminationPhase.Waiting;
        _pipeline.PassesOverSilence = Phase == ExaminationPhase.Waiting;
        if (_options.Start == ExaminationStart.Always) Enter();
    }

    private bool BeganByItself => _options.Start == ExaminationStart.Contact && !WasAskedFor && !_isWholeSource;

    private void Enter()
    {
        _pipeline!.WaitsForContact = false;
        Phase = ExaminationPhase.Examining;
        Id = Guid.CreateVersion7();
        WasAskedFor = false;
        _missingSeconds = 0;
    }
}
