using System.Diagnostics;

namespace HeartSound.Edge.Pipeline;

/// <summary>Says how long each step of the pipeline takes, to whoever wants to know; costs a comparison where nobody does. For one thread; allocates nothing.</summary>
internal sealed class StageClock
{
    private long _since;
    private long _frontEnd;

    public IPipelineObserver? Observer { get; set; }

    /// <summary>Something begins now.</summary>
    public void Start()
    {
        if (Observer is not null) _since = Stopwatch.GetTimestamp();
    }

    /// <summary>What began last is done, and the next begins.</summary>
    public void Lap(PipelineStage stage)
    {
        if (Observer is not { } observer) return;
        var now = Stopwatch.GetTimestamp();
        observer.Took(stage, now - _since);
        _since = now;
    }

    /// <summary>The front end, which works in small pieces, has done one of them, and the next step begins.</summary>
    public void HoldFrontEnd()
    {
        if (Observer is null) return;
        var now = Stopwatch.GetTimestamp();
        _frontEnd += now - _since;
        _since = now;
    }

    /// <summary>The front end has come out with a window.</summary>
    public void LapFrontEnd()
    {
        HoldFrontEnd();
        Observer?.Took(PipelineStage.FrontEnd, _frontEnd);
        _frontEnd = 0;
    }
}
