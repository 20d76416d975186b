namespace HeartSound.Edge.Report;

/// <summary>A shape for each outcome, so that none is told by colour alone, and the hatching of what was not used.</summary>
internal static class Symbols
{
    public static string Name(Outcome outcome) => outcome switch
    {
        Outcome.Normal => "Normal",
        Outcome.Abnormal => "Abnormal",
        Outcome.Inconclusive => "Inconclusive",
        _ => "Failed",
    };

    /// <summary>The class that carries the colour, and the id of the shape.</summary>
    public static string Class(Outcome outcome) => outcome switch
    {
        Outcome.Normal => "normal",
        Outcome.Abnormal => "abnormal",
        Outcome.Inconclusive => "inconclusive",
        _ => "failed",
    };

    /// <summary>Decoration beside a word that says the same, so screen readers pass it over.</summary>
    public static void Write(Markup html, Outcome outcome)
    {
        html.Open("svg", ("class", $"symbol {Class(outcome)}"), ("viewBox", "0 0 24 24"), ("aria-hidden", "true"));
        html.Void("use", ("href", "#" + Class(outcome)));
        html.Close();
    }

    public static void WriteDefinitions(Markup html)
    {
        html.Open("svg", ("width", "0"), ("height", "0"), ("class", "definitions"), ("aria-hidden", "true"));
        html.Open("defs");
        Shape(html, Outcome.Normal, "M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z", "M6.5 12.5l4 4l7-8.5");
        Shape(html, Outcome.Abnormal, "M12 1L23.5 22H.5z", "M12 8.5v6M12 17.8v1.4");
        Shape(html, Outcome.Inconclusive, "M12 0L24 12L12 24L0 12z", "M8.8 9.2a3.2 3.2 0 1 1 4.6 3.1c-1 .5-1.4 1-1.4 2.2M12 17v1.4");
        Shape(html, Outcome.Failed, "M2 2h20v20H2z", "M7.5 7.5l9 9M16.5 7.5l-9 9");
        html.Open("pattern", ("id", "hatch"), ("width", "7"), ("height", "7"), ("patternUnits", "userSpaceOnUse"), ("patternTransform", "rotate(45)"));
        html.Void("path", ("d", "M0 0V7"), ("class", "hatch"));
        html.Close();
        html.Close();
        html.Close();
    }

    private static void Shape(Markup html, Outcome outcome, string outline, string sign)
    {
        html.Open("symbol", ("id", Class(outcome)), ("viewBox", "0 0 24 24"));
        html.Void("path", ("d", outline), ("fill", "currentColor"));
        html.Void("path", ("d", sign), ("class", "sign"));
        html.Close();
    }
}
