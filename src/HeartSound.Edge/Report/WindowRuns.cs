namespace HeartSound.Edge.Report;

/// <summary>Makes of the windows of any recording, however long, what a picture can hold.</summary>
internal static class WindowRuns
{
    /// <summary>More would be narrower than three pixels.</summary>
    public const int MaxWindows = 400;

    /// <summary>Joins neighbours where there are more than <see cref="MaxWindows"/>: mean probability of the used ones, the commonest reason of the others.</summary>
    public static IReadOnlyList<ReportedWindow> Thin(IReadOnlyList<ReportedWindow> windows)
    {
        if (windows.Count <= MaxWindows) return windows;
        return [.. windows.Chunk((windows.Count + MaxWindows - 1) / MaxWindows).Select(Join)];
    }

    /// <summary>The parts of 0..duration that no accepted window covers, each with the reason of the first rejected window in it.</summary>
    public static IEnumerable<(double Start, double End, string Reason)> Unused(IReadOnlyList<ReportedWindow> windows, double durationSeconds)
    {
        var covered = 0.0;
        foreach (var window in windows.Where(window => window.Accepted))
        {
            if (window.StartSeconds > covered) yield return (covered, window.StartSeconds, Reason(covered, window.StartSeconds));
            covered = Math.Max(covered, window.EndSeconds);
        }

        if (covered < durationSeconds) yield return (covered, durationSeconds, Reason(covered, durationSeconds));

        string Reason(double start, double end)
            => windows.FirstOrDefault(window => !window.Accepted && window.EndSeconds > start && window.StartSeconds < end)?.Reason ?? "no whole window";
    }

    private static ReportedWindow Join(ReportedWindow[] windows)
    {
        var used = windows.Where(window => window.Accepted && window.AlarmProbability is not null).Select(window => window.AlarmProbability!.Value).ToList();
        return new ReportedWindow
        {
            StartSeconds = windows[0].StartSeconds,
            EndSeconds = windows[^1].EndSeconds,
            Accepted = windows.Count(window => window.Accepted) * 2 >= windows.Length,
            AlarmProbability = used.Count > 0 ? used.Average() : null,
            Reason = windows.Where(window => !window.Accepted).GroupBy(window => window.Reason).MaxBy(group => group.Count())?.Key ?? "",
        };
    }
}
