using HeartSound.Signal;

namespace HeartSound.Edge.Pipeline;

/// <summary>Who wants to know how long each step takes and what became of the windows. Called on the pipeline's thread; must be quick, allocate nothing and not throw.</summary>
internal interface IPipelineObserver
{
    /// <param name="stage">What is done.</param>
    /// <param name="stopwatchTicks">How long it took, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
    void Took(PipelineStage stage, long stopwatchTicks);

    /// <summary>A window was judged; <see cref="QualityReason.Good"/> where it counts.</summary>
    void WindowJudged(QualityReason reason);
}
