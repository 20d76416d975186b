namespace HeartSound.Edge.Report;

/// <summary>The log-mel picture with its frequencies.</summary>
internal static class LogMelPanel
{
    public static void Write(Markup html, LogMelPicture picture, double top, double height)
    {
        RecordingPicture.WriteHeading(html, "Frequencies", "log-mel power, before normalisation; bright is loud", top);
        html.Void("image", ("x", Markup.Number(TimeAxis.Left)), ("y", Markup.Number(top)), ("width", Markup.Number(TimeAxis.Width)), ("height", Markup.Number(height)),
            ("preserveAspectRatio", "none"), ("href", "data:image/png;base64," + Convert.ToBase64String(picture.Png.Span)));

        var (low, high) = (Mel(picture.MelLowHz), Mel(picture.MelHighHz));
        var last = double.PositiveInfinity;
        foreach (var hertz in (double[])[picture.MelLowHz, 50, 100, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000, 4000, 8000])
        {
            if (hertz < picture.MelLowHz || hertz > picture.MelHighHz) continue;
            var y = top + height * (1 - (Mel(hertz) - low) / (high - low));
            if (last - y < 14) continue;
            last = y;
            html.Element("text", Markup.Format($"{hertz:0} Hz"), ("x", Markup.Number(TimeAxis.Left - 6)), ("y", Markup.Number(y + 4)), ("class", "tick end"));
        }
    }

    /// <summary>Slaney's scale (Auditory Toolbox, 1998): straight below 1 kHz, logarithmic above.</summary>
    private static double Mel(double hertz) => hertz < 1000 ? hertz * 3 / 200 : 15 + 27 * Math.Log(hertz / 1000) / Math.Log(6.4);
}
