using System.Text;

namespace HeartSound.Edge.Report;

/// <summary>The envelope of the sound, with hatching over what no window used.</summary>
internal static class WaveformPanel
{
    /// <summary>Full deflection in the path's own units: whole numbers keep it short.</summary>
    private const int Deflection = 500;

    /// <summary>A text of the smallest size needs about this much of a picture's width for a letter.</summary>
    private const double LetterWidth = 7;

    public static void Write(Markup html, ReportedRecording recording, TimeAxis axis, double top, double height)
    {
        var columns = Math.Min(recording.WaveformMin.Count, recording.WaveformMax.Count);
        var peak = Peak(recording, columns);
        RecordingPicture.WriteHeading(html, "Sound", peak > 0 ? Markup.Format($"peak {20 * Math.Log10(peak):0.0} dBFS; hatched: not used") : "silent", top);

        html.Open("g", ("transform", Markup.Format($"translate({TimeAxis.Left} {top + height / 2:0.#}) scale({TimeAxis.Width / columns:0.#####} {-height / 2 / Deflection:0.#####})")));
        html.Void("path", ("class", "wave"), ("d", Path(recording, columns, peak)));
        html.Close();

        foreach (var (start, end, reason) in WindowRuns.Unused(recording.Windows, recording.DurationSeconds))
        {
            var (x, width) = (axis.X(start), axis.X(end) - axis.X(start));
            html.Open("g", ("class", "unused"));
            html.Element("title", Markup.Format($"{start:0.0} to {end:0.0} s not used: {reason}"));
            html.Void("rect", ("x", Markup.Number(x)), ("y", Markup.Number(top)), ("width", Markup.Number(width)), ("height", Markup.Number(height)));
            if (width > (reason.Length + 2) * LetterWidth)
                html.Element("text", reason, ("x", Markup.Number(x + width / 2)), ("y", Markup.Number(top + 15)), ("class", "tick middle haloed"));
            html.Close();
        }

        html.Void("path", ("class", "frame"), ("d", Markup.Format($"M{TimeAxis.Left} {top:0.#}h{TimeAxis.Width}v{height:0.#}h{-TimeAxis.Width}z")));
    }

    private static double Peak(ReportedRecording recording, int columns)
    {
        var peak = 0.0;
        for (var c = 0; c < columns; c++)
            if (float.IsFinite(recording.WaveformMin[c]) && float.IsFinite(recording.WaveformMax[c]))
                peak = Math.Max(peak, Math.Max(Math.Abs(recording.WaveformMin[c]), Math.Abs(recording.WaveformMax[c])));
        return peak;
    }

    /// <summary>There along the greatest and back along the least samples, for each stretch of columns that have any.</summary>
    private static string Path(ReportedRecording recording, int columns, double peak)
    {
        var path = new StringBuilder(columns * 16);
        int Y(float sample) => peak > 0 ? (int)Math.Round(sample / peak * Deflection) : 0;
        bool HasAny(int column) => float.IsFinite(recording.WaveformMin[column]) && float.IsFinite(recording.WaveformMax[column]);

        for (var start = 0; start < columns; start++)
        {
            if (!HasAny(start)) continue;
            var end = start;
            while (end < columns && HasAny(end)) end++;
            for (var c = start; c < end; c++) path.Append(c == start ? 'M' : 'L').Append(c).Append(' ').Append(Y(recording.WaveformMax[c]));
            for (var c = end - 1; c >= start; c--) path.Append('L').Append(c).Append(' ').Append(Y(recording.WaveformMin[c]));
            path.Append('z');
            start = end;
        }

        return path.ToString();
    }
}
