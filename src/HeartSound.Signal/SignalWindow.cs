namespace HeartSound.Signal;

/// <summary>Called for every window; the spans of <paramref name="window"/> do not outlive the call.</summary>
public delegate void SignalWindowHandler(in SignalWindow window);

/// <summary>One window on its way to a verdict, in its three stages. The spans belong to the <see cref="FrontEnd"/> that made it.</summary>
public readonly ref struct SignalWindow
{
    /// <summary>Where the window starts, in seconds from the start of the stream.</summary>
    public double StartSeconds { get; init; }

    /// <summary>Where it ends, in seconds from the start of the stream.</summary>
    public double EndSeconds { get; init; }

    /// <summary>The samples as they came, at the source's own rate: what clipping and dead channels are seen in.</summary>
    public ReadOnlySpan<float> Source { get; init; }

    /// <summary>At the spec's rate, before the band-pass: what noise is seen in.</summary>
    public ReadOnlySpan<float> Wideband { get; init; }

    /// <summary>At the spec's rate, after the band-pass and spike removal: what the heart is heard in.</summary>
    public ReadOnlySpan<float> Banded { get; init; }

    /// <summary>What the network sees: normalised log-mel features, <c>[melBands, windowFrames]</c>. Empty in a glance.</summary>
    public ReadOnlySpan<float> Features { get; init; }
}
