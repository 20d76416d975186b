namespace HeartSound.Edge.Report;

/// <summary>
/// One page for people: the summary, a table, and a card with pictures for each recording. Self-contained, without scripts, in
/// light and dark, printable; its own content policy forbids the browser to load anything.
/// </summary>
public static class HtmlReport
{
    private const string ContentPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

    /// <param name="writer">Must encode as UTF-8; stays open.</param>
    /// <param name="recordings">Shown in this order.</param>
    /// <param name="info">What is true of all of them.</param>
    public static void Write(TextWriter writer, IReadOnlyList<ReportedRecording> recordings, ReportInfo info)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(recordings);
        ArgumentNullException.ThrowIfNull(info);
        var outcomes = recordings.Select(recording => OutcomeOf(recording)).ToList();
        var pictured = Enumerable.Range(0, recordings.Count).OrderBy(i => outcomes[i]).Take(info.MaxPictures).ToHashSet();

        using var html = new Markup(writer);
        html.Open("html", ("lang", "en"));
        html.Open("head");
        html.Void("meta", ("charset", "utf-8"));
        html.Void("meta", ("http-equiv", "Content-Security-Policy"), ("content", ContentPolicy));
        html.Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        html.Void("meta", ("name", "color-scheme"), ("content", "light dark"));
        html.Element("title", info.Title);
        html.Element("style", ReportStyle.Css);
        html.Close();

        html.Open("body");
        Symbols.WriteDefinitions(html);
        html.Open("main");
        ReportSummary.Write(html, recordings, outcomes, info);
        if (recordings.Count > 0) ReportTable.Write(html, recordings, outcomes);
        for (var i = 0; i < recordings.Count; i++) RecordingCard.Write(html, recordings[i], outcomes[i], i + 1, info, pictured.Contains(i));
        html.Close();
        html.Close();
        html.Close();
    }

    private static Outcome OutcomeOf(ReportedRecording recording) => recording switch
    {
        { Verdict: null } => Outcome.Failed,
        { Alarm: null } => Outcome.Inconclusive,
        { Alarm: true } => Outcome.Abnormal,
        _ => Outcome.Normal,
    };
}
