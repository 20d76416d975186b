using HeartSound.Signal;

namespace HeartSound.Edge.Pipeline;

/// <summary>What one window contributed.</summary>
public readonly record struct WindowResult
{
    /// <summary>In seconds from the start of the stream.</summary>
    public double StartSeconds { get; init; }

    /// <summary>In seconds from the start of the stream.</summary>
    public double EndSeconds { get; init; }

    public QualityReport Quality { get; init; }

    /// <summary>Calibrated probability of an alarm by this window alone.</summary>
    public double AlarmProbability { get; init; }

    /// <summary>Of the windows so far.</summary>
    public HeartRateEstimate HeartRate { get; init; }

    /// <summary>What the examination looks like with this window.</summary>
    public LiveOpinion Opinion { get; init; }
}

/// <summary>Called for every window, on the pipeline's thread; the spans of <paramref name="window"/> do not outlive the call.</summary>
public delegate void WindowHandler(in SignalWindow window, in WindowResult result);
