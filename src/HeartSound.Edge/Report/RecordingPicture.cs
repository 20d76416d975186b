namespace HeartSound.Edge.Report;

/// <summary>
/// The picture of a recording: sound, windows, log-mel picture and alarm probability, one below the other on one time axis, as
/// inline SVG.
/// </summary>
internal static class RecordingPicture
{
    private const double WaveformTop = 24, WaveformHeight = 120;
    private const double WindowsTop = 174;
    private const double LogMelTop = 240, LogMelHeight = 120;
    private const double AlarmHeight = 100;

    public static void Write(Markup html, ReportedRecording recording, ReportInfo info, string id)
    {
        var axis = new TimeAxis(recording.DurationSeconds);
        var alarmTop = recording.LogMel is null ? LogMelTop : LogMelTop + LogMelHeight + 30;
        var bottom = alarmTop + AlarmHeight;
        var windows = WindowRuns.Thin(recording.Windows);

        html.Open("svg", ("class", "picture"), ("viewBox", Markup.Format($"0 0 {TimeAxis.PictureWidth} {bottom + 40:0}")), ("role", "img"), ("aria-labelledby", $"{id}-t {id}-d"));
        html.Element("title", $"Sound, windows, frequencies and alarm probability of {recording.File} over time", ("id", id + "-t"));
        html.Element("desc", Describe(recording), ("id", id + "-d"));
        axis.Write(html, WaveformTop, bottom);
        WaveformPanel.Write(html, recording, axis, WaveformTop, WaveformHeight);
        WindowsPanel.Write(html, windows, axis, info, WindowsTop, windows.Count < recording.Windows.Count);
        if (recording.LogMel is { } logMel) LogMelPanel.Write(html, logMel, LogMelTop, LogMelHeight);
        AlarmPanel.Write(html, windows, recording.AlarmProbability, axis, info, alarmTop, AlarmHeight);
        html.Close();
    }

    /// <summary>A panel's heading, above its frame.</summary>
    public static void WriteHeading(Markup html, string text, string note, double top)
    {
        html.Open("text", ("x", Markup.Number(TimeAxis.Left)), ("y", Markup.Number(top - 7)), ("class", "heading"));
        html.Element("tspan", text, ("class", "strong"));
        html.Text("  " + note);
        html.Close();
    }

    private static string Describe(ReportedRecording recording)
    {
        var rejected = recording.Windows.Where(window => !window.Accepted).GroupBy(window => window.Reason, StringComparer.Ordinal)
            .Select(group => Markup.Format($"{group.Count()} {group.Key}"));
        var used = recording.Windows.Where(window => window.Accepted && window.AlarmProbability is not null).Select(window => window.AlarmProbability!.Value).ToList();
        var probabilities = used.Count == 0 ? "" : Markup.Format($" Their alarm probability goes from {used.Min():0.00} to {used.Max():0.00}.");
        var reasons = string.Join(", ", rejected);
        return Markup.Format($"{recording.DurationSeconds:0.0} seconds, {recording.Windows.Count(window => window.Accepted)} of {recording.Windows.Count} windows used.")
            + probabilities + (reasons.Length > 0 ? $" Not used: {reasons}." : "");
    }
}
