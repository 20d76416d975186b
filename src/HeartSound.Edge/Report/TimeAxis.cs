namespace HeartSound.Edge.Report;

/// <summary>Where in a picture a time lies. All panels of a recording share one.</summary>
internal readonly record struct TimeAxis(double DurationSeconds)
{
    public const double Left = 64;
    public const double Width = 1124;
    public const double PictureWidth = Left + Width + 12;

    private const int MaxTicks = 16;

    public double X(double seconds) => Left + Math.Clamp(seconds / DurationSeconds, 0, 1) * Width;

    /// <summary>1, 2 or 5 times a power of ten up to 10 s, then whole and half minutes, so that there are at most 16 ticks.</summary>
    public double TickSeconds
    {
        get
        {
            ReadOnlySpan<double> steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200];
            foreach (var step in steps)
                if (DurationSeconds / step <= MaxTicks) return step;
            return 14_400;
        }
    }

    public void Write(Markup html, double top, double bottom)
    {
        for (var tick = 0; tick * TickSeconds <= DurationSeconds; tick++)
        {
            var seconds = tick * TickSeconds;
            var x = Markup.Number(X(seconds));
            html.Void("path", ("class", "grid"), ("d", Markup.Format($"M{x} {top:0.#}V{bottom + 5:0.#}")));
            html.Element("text", Markup.Number(seconds), ("x", x), ("y", Markup.Number(bottom + 19)), ("class", "tick middle"));
        }

        html.Element("text", "seconds", ("x", Markup.Number(Left + Width)), ("y", Markup.Number(bottom + 35)), ("class", "tick end"));
    }
}
