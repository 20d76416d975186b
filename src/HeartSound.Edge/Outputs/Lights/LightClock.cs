namespace HeartSound.Edge.Outputs.Lights;

/// <summary>
/// Where in its rhythms an indication is: what changes begins anew, what stays goes on, and a heart that gets faster does so without a stumble. Not thread-safe.
/// </summary>
internal sealed class LightClock
{
    private Indication _shown = new() { Scene = Scene.Off };
    private Rhythm _activity = Rhythm.Dark;
    private Rhythm _verdict = Rhythm.Dark;
    private TimeSpan _activityBegan;
    private TimeSpan _verdictBegan;

    /// <summary>Shows something else from now on.</summary>
    /// <returns>Whether the scene or the verdict changed.</returns>
    public bool Show(Indication indication, TimeSpan now)
    {
        var activity = LightPattern.Activity(indication);
        var verdict = LightPattern.Verdict(indication);
        var isNewScene = indication.Scene != _shown.Scene || indication.HeartRateBpm is null != _shown.HeartRateBpm is null;
        _activityBegan = isNewScene ? now : now - (activity.Period * ((now - _activityBegan) / _activity.Period % 1));
        var isNewVerdict = verdict != _verdict;
        if (isNewVerdict) _verdictBegan = now;
        var isChange = indication.Scene != _shown.Scene || isNewVerdict;
        (_shown, _activity, _verdict) = (indication, activity, verdict);
        return isChange;
    }

    public Lamps At(TimeSpan now) => _activity.At(now - _activityBegan) | _verdict.At(now - _verdictBegan);

    /// <summary>How long nothing changes; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</summary>
    public TimeSpan UntilChange(TimeSpan now)
    {
        var activity = _activity.UntilChange(now - _activityBegan);
        var verdict = _verdict.UntilChange(now - _verdictBegan);
        if (activity == Timeout.InfiniteTimeSpan) return verdict;
        return verdict == Timeout.InfiniteTimeSpan || activity < verdict ? activity : verdict;
    }
}
