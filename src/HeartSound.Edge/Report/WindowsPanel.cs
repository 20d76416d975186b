namespace HeartSound.Edge.Report;

/// <summary>The windows as bars in two lanes, for they overlap, with the alarm probability or the reason why it has none.</summary>
internal static class WindowsPanel
{
    private const double LaneHeight = 17;
    private const double LetterWidth = 6.5;

    public static void Write(Markup html, IReadOnlyList<ReportedWindow> windows, TimeAxis axis, ReportInfo info, double top, bool isThinned)
    {
        RecordingPicture.WriteHeading(html, "Windows", isThinned ? "each bar stands for several; alarm probability, or why it was not used" : "alarm probability, or why it was not used", top);
        for (var i = 0; i < windows.Count; i++)
        {
            var window = windows[i];
            var text = window.Accepted ? window.AlarmProbability is { } p ? Markup.Format($"{p:0.00}") : "used" : window.Reason;
            var (x, width) = (axis.X(window.StartSeconds), axis.X(window.EndSeconds) - axis.X(window.StartSeconds));
            var y = top + i % 2 * (LaneHeight + 1);
            html.Open("g", ("class", "window " + Kind(window, info)));
            html.Element("title", Markup.Format($"{window.StartSeconds:0.0} to {window.EndSeconds:0.0} s: {(window.Accepted ? "" : "not used, ")}{text}"));
            html.Void("rect", ("x", Markup.Number(x)), ("y", Markup.Number(y)), ("width", Markup.Number(Math.Max(1, width - 1))), ("height", Markup.Number(LaneHeight)));
            if (width > (text.Length + 1) * LetterWidth)
                html.Element("text", text, ("x", Markup.Number(x + width / 2)), ("y", Markup.Number(y + 13)), ("class", "tick middle"));
            html.Close();
        }
    }

    private static string Kind(ReportedWindow window, ReportInfo info) => window switch
    {
        { Accepted: false } => "rejected",
        { AlarmProbability: { } p } when p >= info.AlarmAbove => "abnormal",
        { AlarmProbability: { } p } when p > info.AlarmBelow => "inconclusive",
        _ => "normal",
    };
}
