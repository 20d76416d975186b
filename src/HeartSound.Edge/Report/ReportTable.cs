namespace HeartSound.Edge.Report;

/// <summary>One line a recording, with a link to its card, and a choice of outcomes that works by style sheet alone.</summary>
internal static class ReportTable
{
    private static readonly string[] Columns = ["Recording", "Verdict", "Alarm probability", "Heart rate", "Quality", "Length", "Why"];

    public static void Write(Markup html, IReadOnlyList<ReportedRecording> recordings, IReadOnlyList<Outcome> outcomes)
    {
        html.Open("section", ("class", "overview"));
        html.Element("h2", "All recordings");
        WriteChoice(html, outcomes);
        html.Open("div", ("class", "scroll"));
        html.Open("table");
        html.Open("thead");
        html.Open("tr");
        foreach (var column in Columns) html.Element("th", column, ("scope", "col"));
        html.Close();
        html.Close();
        html.Open("tbody");
        for (var i = 0; i < recordings.Count; i++) WriteRow(html, recordings[i], outcomes[i], i + 1);
        html.Close();
        html.Close();
        html.Close();
        html.Close();
    }

    private static void WriteChoice(Markup html, IReadOnlyList<Outcome> outcomes)
    {
        html.Open("fieldset", ("class", "choice"));
        html.Element("legend", "Show");
        WriteOption(html, "all", "all", isChosen: true);
        foreach (var outcome in Enum.GetValues<Outcome>())
            if (outcomes.Contains(outcome)) WriteOption(html, Symbols.Class(outcome), Symbols.Name(outcome), isChosen: false);
        html.Close();
    }

    private static void WriteOption(Markup html, string value, string name, bool isChosen)
    {
        html.Open("label");
        if (isChosen) html.Void("input", ("type", "radio"), ("name", "show"), ("id", "show-" + value), ("checked", "checked"));
        else html.Void("input", ("type", "radio"), ("name", "show"), ("id", "show-" + value));
        html.Text(" " + name);
        html.Close();
    }

    private static void WriteRow(Markup html, ReportedRecording recording, Outcome outcome, int number)
    {
        html.Open("tr", ("class", "is-" + Symbols.Class(outcome)));
        html.Open("th", ("scope", "row"));
        html.Open("a", ("href", Markup.Format($"#r{number}")));
        html.Element("bdi", recording.File);
        html.Close();
        html.Close();

        html.Open("td", ("class", "verdict"));
        Symbols.Write(html, outcome);
        html.Text(recording.Verdict ?? "failed");
        html.Close();

        html.Open("td");
        if (recording.AlarmProbability is { } alarm)
        {
            RecordingCard.WriteBar(html, alarm, Symbols.Class(outcome));
            html.Text(Markup.Format($" {alarm:0.00}"));
        }

        html.Close();
        html.Element("td", recording.HeartRateBpm is { } rate ? Markup.Format($"{rate:0} bpm") : "");
        html.Element("td", recording.QualityScore is { } score ? Markup.Format($"{score * 100:0} %") : "");
        html.Element("td", recording.DurationSeconds > 0 ? Markup.Format($"{recording.DurationSeconds:0.0} s") : "");
        html.Element("td", recording.Verdict is null ? recording.Error : recording.Reason, ("class", "why"));
        html.Close();
    }
}
