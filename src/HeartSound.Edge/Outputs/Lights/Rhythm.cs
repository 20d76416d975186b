namespace HeartSound.Edge.Outputs.Lights;

/// <summary>Which lamps are lit when, again and again. Immutable.</summary>
public sealed class Rhythm
{
    private readonly (Lamps Lamps, TimeSpan Until)[] _steps;

    /// <param name="steps">Lamps and for how many milliseconds; one step alone is steady, however long.</param>
    public Rhythm(params IReadOnlyList<(Lamps Lamps, double Milliseconds)> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentOutOfRangeException.ThrowIfZero(steps.Count);
        _steps = new (Lamps, TimeSpan)[steps.Count];
        for (var i = 0; i < steps.Count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps[i].Milliseconds);
            Period += TimeSpan.FromMilliseconds(steps[i].Milliseconds);
            _steps[i] = (steps[i].Lamps, Period);
        }
    }

    /// <summary>Never lit.</summary>
    public static Rhythm Dark { get; } = Steady(Lamps.None);

    /// <summary>After which it begins again.</summary>
    public TimeSpan Period { get; }

    public static Rhythm Steady(Lamps lamps) => new((lamps, 1000));

    /// <param name="elapsed">Since the rhythm began.</param>
    public Lamps At(TimeSpan elapsed) => Step(elapsed, out _).Lamps;

    /// <summary>How long the lamps stay as they are; <see cref="Timeout.InfiniteTimeSpan"/> where they never change.</summary>
    /// <param name="elapsed">Since the rhythm began.</param>
    public TimeSpan UntilChange(TimeSpan elapsed)
    {
        if (_steps.Length == 1) return Timeout.InfiniteTimeSpan;
        var step = Step(elapsed, out var within);
        return step.Until - within;
    }

    private (Lamps Lamps, TimeSpan Until) Step(TimeSpan elapsed, out TimeSpan within)
    {
        within = TimeSpan.FromTicks(elapsed.Ticks % Period.Ticks);
        if (within < TimeSpan.Zero) within += Period;
        foreach (var step in _steps)
        {
            if (within < step.Until) return step;
        }

        return _steps[^1];
    }
}
