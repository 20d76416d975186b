using System.Text;

namespace HeartSound.Edge.Report;

/// <summary>Alarm probability over time as steps, with the thresholds and the band between them in which the model cannot tell.</summary>
internal static class AlarmPanel
{
    public static void Write(Markup html, IReadOnlyList<ReportedWindow> windows, double? overall, TimeAxis axis, ReportInfo info, double top, double height)
    {
        double Y(double probability) => top + height * (1 - (double.IsNaN(probability) ? 0 : Math.Clamp(probability, 0, 1)));
        void Tick(double probability) => html.Element("text", Markup.Format($"{probability:0.00}"), ("x", Markup.Number(TimeAxis.Left - 6)), ("y", Markup.Number(Y(probability) + 4)), ("class", "tick end"));
        void Name(double from, double to, string name)
        {
            if ((to - from) * height >= 12) html.Element("text", name, ("x", Markup.Number(TimeAxis.Left + TimeAxis.Width - 6)), ("y", Markup.Number(Y((from + to) / 2) + 4)), ("class", "tick end"));
        }

        RecordingPicture.WriteHeading(html, "Alarm probability", overall is { } all ? Markup.Format($"of each used window; dashed: of the recording, {all:0.00}") : "of each used window", top);
        html.Void("rect", ("class", "band"), ("x", Markup.Number(TimeAxis.Left)), ("y", Markup.Number(Y(info.AlarmAbove))),
            ("width", Markup.Number(TimeAxis.Width)), ("height", Markup.Number(Math.Max(0, Y(info.AlarmBelow) - Y(info.AlarmAbove)))));
        Name(info.AlarmAbove, 1, "alarm");
        Name(info.AlarmBelow, info.AlarmAbove, "cannot tell");
        Name(0, info.AlarmBelow, "no alarm");
        Tick(0);
        Tick(1);
        if (info.AlarmBelow * height >= 12) Tick(info.AlarmBelow);
        if ((info.AlarmAbove - info.AlarmBelow) * height >= 12 && (1 - info.AlarmAbove) * height >= 12) Tick(info.AlarmAbove);

        if (overall is { } p) html.Void("path", ("class", "overall"), ("d", Markup.Format($"M{TimeAxis.Left} {Y(p):0.#}h{TimeAxis.Width}")));
        html.Void("path", ("class", "steps"), ("d", Steps(windows, axis, Y)));
        html.Void("path", ("class", "frame"), ("d", Markup.Format($"M{TimeAxis.Left} {top:0.#}h{TimeAxis.Width}v{height:0.#}h{-TimeAxis.Width}z")));
    }

    /// <summary>Windows overlap, so each has the stretch around its middle that reaches half-way to its neighbours' middles.</summary>
    private static string Steps(IReadOnlyList<ReportedWindow> windows, TimeAxis axis, Func<double, double> y)
    {
        static double Middle(ReportedWindow window) => (window.StartSeconds + window.EndSeconds) / 2;
        var path = new StringBuilder();
        var previousEnd = double.NaN;
        for (var i = 0; i < windows.Count; i++)
        {
            if (!windows[i].Accepted || windows[i].AlarmProbability is not { } probability) continue;
            var start = i == 0 ? windows[i].StartSeconds : (Middle(windows[i - 1]) + Middle(windows[i])) / 2;
            var end = i == windows.Count - 1 ? windows[i].EndSeconds : (Middle(windows[i]) + Middle(windows[i + 1])) / 2;
            path.Append(Markup.Format($"{(start == previousEnd ? 'L' : 'M')}{axis.X(start):0.#} {y(probability):0.#}H{axis.X(end):0.#}"));
            previousEnd = end;
        }

        return path.Length == 0 ? "M0 0" : path.ToString();
    }
}
