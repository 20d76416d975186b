namespace HeartSound.Edge.Pipeline;

/// <summary>
/// Cuts what is heard into examinations, each of which ends in one verdict:
/// <code>
/// idle ─(button, command)→ examining ─(its seconds are over, button, command, the sound stayed away)→ verdict ─→ idle
/// waiting ─(contact)→ examining ─(the same, or the chest piece was lifted)→ verdict ─→ waiting
/// any ─(command with a site)→ examining ─(its seconds are over)→ between sites ─(command with a site)→ examining ─→ … ─→ verdict
/// </code>
/// By sites, the verdict comes when all four were heard, when somebody asks for it, or when nobody names a next one.
/// Its clock is the sample position of the pipeline; sound that was missing in between does not count. Used by the pipeline's thread, but for what says that any thread may
/// call it.
/// </summary>
public sealed class Examinations
{
    /// <summary>How long the chest piece may be off before an examination that began by itself ends by itself.</summary>
    private static readonly TimeSpan Lifted = TimeSpan.FromSeconds(3);

    private volatile ExaminationOptions _options;
    private readonly bool _isWholeSource;
    private ExaminationRequest? _request;
    private ExaminationRequest? _concluding; // asked for what begins with the verdict of what is under way
    private volatile ExaminationState _state = ExaminationState.Nothing;
    private volatile bool _isListening;
    private volatile bool _isHeld;
    private volatile bool _isHolding; // what the pipeline's thread goes by
    private ListeningPipeline? _pipeline;
    private SiteVerdicts _sites = new([]);
    private bool _isBySite;
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

    /// <summary>Any thread may set them: the length counts at once, what begins an examination as soon as none is under way.</summary>
    public ExaminationOptions Options
    {
        get => _options;
        set => _options = value;
    }

    /// <summary>Any thread: where it is now.</summary>
    public ExaminationState State => _state;

    /// <summary>Any thread: whether something is listened to, so that an examination could begin.</summary>
    public bool IsListening => _isListening;

    /// <summary>Any thread: while it is set the examination under way goes on to its verdict, and none begins, whoever asks and whatever is heard.</summary>
    public bool IsHeld
    {
        get => _isHeld;
        set
        {
            _isHeld = value;
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>Any thread: whether it is certain that none begins. A little later than <see cref="IsHeld"/>.</summary>
    public bool IsHolding => _isHeld && (_isHolding || !_isListening);

    public ExaminationPhase Phase { get; private set; }

    /// <summary>Of the examination under way; null when there is none.</summary>
    public Guid? Id { get; private set; }

    /// <summary>Where the chest piece is; null when nobody said, and between two sites.</summary>
    public Site? Site { get; private set; }

    /// <summary>Grows with every change of phase, examination or site, and when a site is heard anew.</summary>
    public int Changes { get; private set; }

    /// <summary>Whether somebody asked for the examination under way, by button or command, so that it is about somebody else than the one before.</summary>
    public bool WasAskedFor { get; private set; }

    /// <summary>How long an examination waits for sound that stays away.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(_options.AbandonAfterSeconds);

    /// <summary>Sound that is still to be heard of the examination under way, by sites of the site; in seconds; null when there is none, or no end.</summary>
    public double? RemainingSeconds => Phase == ExaminationPhase.Examining && !_isWholeSource && _pipeline is { } pipeline
        ? Math.Max(0, _options.Seconds + _missingSeconds - pipeline.EvidenceSeconds)
        : null;

    /// <summary>Sound until the examination ends or goes on to something else, in seconds; null when there is none, or no end.</summary>
    internal double? DueSeconds => Phase == ExaminationPhase.BetweenSites ? Math.Max(0, _options.NextSiteSeconds - _pipeline!.EvidenceSeconds) : RemainingSeconds;

    /// <summary>One examination as long as its source, for recordings.</summary>
    public static Examinations OfWholeSource() => new(new ExaminationOptions { Start = ExaminationStart.Always }, isWholeSource: true);

    /// <summary>Any thread: an examination shall begin now; or, with a site, shall go on there now.</summary>
    public void Start(Site? site = null) => Ask(new ExaminationRequest(ExaminationRequest.What.Start, site));

    /// <summary>Any thread: the examination under way shall end now, with a verdict over what was heard.</summary>
    public void Stop() => Ask(new ExaminationRequest(ExaminationRequest.What.Stop));

    /// <summary>Any thread: what the button does.</summary>
    public void Toggle() => Ask(new ExaminationRequest(ExaminationRequest.What.Toggle));

    /// <summary>Any thread but the pipeline's: as <see cref="Start"/>, and waits for it. False when it was not done in this time; then it is not done later either.</summary>
    public bool TryStart(Site? site, TimeSpan within) => Try(new ExaminationRequest(ExaminationRequest.What.Start, site), within);

    /// <summary>Any thread but the pipeline's: as <see cref="Stop"/>, and waits for it. False when it was not done in this time; then it is not done later either.</summary>
    public bool TryStop(TimeSpan within) => Try(new ExaminationRequest(ExaminationRequest.What.Stop), within);

    /// <summary>A stream begins; what was under way is over.</summary>
    internal void Begin(ListeningPipeline pipeline, IReadOnlyList<string> labels)
    {
        _pipeline = pipeline;
        _sites = new SiteVerdicts(labels);
        pipeline.FollowsContact = !_isWholeSource;
        Drop(); // what was asked for while there was nothing to listen to was about another moment
        _isListening = true;
        Interlocked.MemoryBarrier(); // who held just now, and saw that nothing was listened to, is obeyed
        _isHolding = _isHeld;
        AwaitNext();
    }

    /// <summary>The stream has ended, and with it what was under way.</summary>
    internal void End()
    {
        _isListening = false;
        Drop();
        _sites.Clear();
        (Phase, Id, Site, _isBySite) = (ExaminationPhase.Idle, null, null, false);
        Tell();
    }

    /// <summary>Does what was asked for. Returns whether the examination under way shall be concluded first; it is to be called again after that.</summary>
    internal bool Obey()
    {
        // Between two examinations a device that is told to wait for something else does so at once: what it waited for may never come.
        var wasHolding = _isHolding;
        _isHolding = _isHeld;
        if (Id is null && wasHolding && !_isHolding) _pipeline!.Discard(); // what was heard meanwhile belongs to nothing
        if (Id is null && (_options.Start != _awaited || _isHolding != wasHolding)) AwaitNext();
        if (Volatile.Read(ref _request) is not { } request) return false;
        if (_isHolding && BeginsAnother(request))
        {
            _concluding = null;
            if (Interlocked.CompareExchange(ref _request, null, request) == request) request.End(isCarriedOut: false);
            return false;
        }

        if (request != _concluding && BeginsWithVerdict(request))
        {
            _concluding = request;
            return true;
        }

        var isStop = request.Kind == ExaminationRequest.What.Stop || (request.Kind == ExaminationRequest.What.Toggle && request == _concluding);
        if (!isStop) GoOnAt(request.Site);
        _concluding = null;
        if (Interlocked.CompareExchange(ref _request, null, request) == request) request.End(isCarriedOut: true);
        return false;
    }

    /// <summary>How many of <paramref name="available"/> samples belong to what is under way.</summary>
    internal int SamplesToHear(int available)
    {
        if (Phase == ExaminationPhase.BetweenSites) return Math.Min(available, _pipeline!.SamplesUntil(TimeSpan.FromSeconds(_options.NextSiteSeconds)));
        if (Phase != ExaminationPhase.Examining || _isWholeSource) return available;
        var samples = Math.Min(available, _pipeline!.SamplesUntil(TimeSpan.FromSeconds(_options.Seconds + _missingSeconds)));
        return BeganByItself ? Math.Min(samples, _pipeline.SamplesUntilAway(Lifted)) : samples;
    }

    /// <summary>Whether the examination that is over was only a touch: it began by itself, and the chest piece was off again before a window was heard. No verdict comes of that.</summary>
    internal bool WasOnlyATouch => BeganByItself && !_pipeline!.HasEvidence;

    /// <summary>Whether the examination under way is worth a verdict though its sound stays away, or has ended. A fault alone is none.</summary>
    internal bool HasSomethingToSay => Id is not null && (_isWholeSource || _sites.Count > 0 || (Phase == ExaminationPhase.Examining && _pipeline!.HasEvidence));

    /// <summary>What the examination looks like, when the site that is listened to looks like <paramref name="current"/>.</summary>
    internal LiveOpinion Opinion(LiveOpinion current) => _isBySite ? _sites.Opinion(Phase == ExaminationPhase.BetweenSites ? null : current) : current;

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
        if (Phase == ExaminationPhase.Waiting && !_pipeline!.WaitsForContact)
        {
            Enter();
            Tell();
        }

        if (Id is null || SamplesToHear(1) > 0) return false;
        if (!_isBySite || Phase == ExaminationPhase.BetweenSites) return true;

        // A site is over; the examination only with the last one.
        _sites.Keep(Site!.Value, _pipeline!.Conclude());
        (Phase, Site) = (ExaminationPhase.BetweenSites, null);
        Tell();
        return _sites.IsComplete;
    }

    /// <summary>Sound is missing here: the examination becomes longer by that.</summary>
    internal void Miss(double seconds)
    {
        if (Phase == ExaminationPhase.Examining && !_isWholeSource) _missingSeconds += seconds;
    }

    /// <summary>The verdict over what is under way.</summary>
    internal Verdict Conclude() => Conclude(_pipeline!.Conclude);

    /// <summary>The stream has ended: the verdict over what is under way; null when there is nothing to say.</summary>
    internal Verdict? Complete()
    {
        var verdict = HasSomethingToSay ? Conclude(_pipeline!.Complete) : null;
        if (verdict is null) _pipeline!.Complete();
        return verdict;
    }

    /// <summary>The verdict is given: on to the next.</summary>
    internal void AwaitNext()
    {
        (Id, Site, _isBySite) = (null, null, false);
        _sites.Clear();
        _awaited = _options.Start;
        Phase = _options.Start == ExaminationStart.Contact && !_isHolding ? ExaminationPhase.Waiting : ExaminationPhase.Idle;
        _pipeline!.WaitsForContact = Phase == ExaminationPhase.Waiting;
        _pipeline.PassesOverSilence = Phase == ExaminationPhase.Waiting;
        if (_options.Start == ExaminationStart.Always && !_isHolding) Enter();
        Tell();
    }

    private bool BeganByItself => _options.Start == ExaminationStart.Contact && !WasAskedFor && !_isWholeSource;

    /// <summary>Whether what is under way is to be concluded before a request: it says so, or it names a site where nobody did before, and something was heard.</summary>
    private bool BeginsWithVerdict(ExaminationRequest request) => Id is not null && request.Kind switch
    {
        ExaminationRequest.What.Start => request.Site is not null && !_isBySite && _pipeline!.HasEvidence,
        _ => true,
    };

    /// <summary>Whether a request is about another examination than the one under way.</summary>
    private bool BeginsAnother(ExaminationRequest request) => request.Kind switch
    {
        ExaminationRequest.What.Start => Id is null || (request.Site is not null && !_isBySite),
        ExaminationRequest.What.Toggle => Id is null && request != _concluding,
        _ => false,
    };

    /// <summary>Somebody asked for an examination, or for it to go on at a site.</summary>
    private void GoOnAt(Site? site)
    {
        if (site is null && Id is not null) return;
        if (!_isBySite)
        {
            Enter();
            WasAskedFor = true;
            _pipeline!.PassesOverSilence = false;
            _isBySite = site is not null;
        }
        else if (Phase == ExaminationPhase.Examining && Site != site && _pipeline!.HasEvidence)
        {
            _sites.Keep(Site!.Value, _pipeline.Conclude()); // the site that was left early
        }

        _pipeline!.Discard();
        _missingSeconds = 0;
        (Phase, Site) = (ExaminationPhase.Examining, site);
        Tell();
    }

    private Verdict Conclude(Func<Verdict> conclude)
    {
        var isHeard = Phase == ExaminationPhase.Examining && (_sites.Count == 0 || _pipeline!.HasEvidence);
        var last = conclude();
        if (!_isBySite) return last;
        if (isHeard) _sites.Keep(Site!.Value, last);
        return _sites.Combine();
    }

    private void Enter()
    {
        _pipeline!.WaitsForContact = false;
        Phase = ExaminationPhase.Examining;
        Id = Guid.CreateVersion7();
        WasAskedFor = false;
        _missingSeconds = 0;
    }

    private void Tell()
    {
        Changes++;
        _state = new ExaminationState(Phase, Site, Id, _sites.Heard);
    }

    private void Ask(ExaminationRequest request) => Interlocked.Exchange(ref _request, request)?.End(isCarriedOut: false);

    private void Drop()
    {
        _concluding = null;
        Interlocked.Exchange(ref _request, null)?.End(isCarriedOut: false);
    }

    private bool Try(ExaminationRequest request, TimeSpan within)
    {
        Ask(request);
        if (request.Wait(within)) return true;
        Interlocked.CompareExchange(ref _request, null, request);
        return request.Wait(TimeSpan.Zero); // it may have been done at the last moment
    }
}
