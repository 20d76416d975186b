namespace HeartSound.Edge.Report;

/// <summary>The head of the page: what it is, how many of each, and by what it was judged.</summary>
internal static class ReportSummary
{
    private static readonly Outcome[] Order = [Outcome.Abnormal, Outcome.Inconclusive, Outcome.Normal, Outcome.Failed];

    public static void Write(Markup html, IReadOnlyList<ReportedRecording> recordings, IReadOnlyList<Outcome> outcomes, ReportInfo info)
    {
        html.Open("header");
        html.Element("h1", info.Title);
        html.Open("p", ("class", "notice"));
        html.Element("strong", "A research tool, not a medical device.");
        html.Text(" It must not be used to diagnose or to rule out disease.");
        html.Close();

        html.Open("ul", ("class", "tiles"), ("aria-label", "Summary"));
        foreach (var outcome in Order)
        {
            var chosen = recordings.Where((_, i) => outcomes[i] == outcome).ToList();
            html.Open("li", ("class", Symbols.Class(outcome)));
            Symbols.Write(html, outcome);
            html.Element("b", Markup.Format($"{chosen.Count}"));
            html.Element("span", Symbols.Name(outcome));
            if (Breakdown(outcome, chosen) is { Length: > 0 } parts) html.Element("small", parts);
            html.Close();
        }

        html.Close();
        WriteFacts(html, recordings.Count, info);
        html.Close();
    }

    /// <summary>Inconclusive recordings by reason; judged ones by label where the model has more than "normal" and "abnormal".</summary>
    private static string Breakdown(Outcome outcome, List<ReportedRecording> chosen)
    {
        var groups = chosen
            .Select(recording => outcome == Outcome.Inconclusive ? recording.Reason : outcome == Outcome.Failed ? "" : recording.Verdict!)
            .Where(name => name.Length > 0 && name != Symbols.Class(outcome))
            .GroupBy(name => name, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal);
        return string.Join(", ", groups.Select(group => Markup.Format($"{group.Count()} {group.Key}")));
    }

    private static void WriteFacts(Markup html, int count, ReportInfo info)
    {
        html.Open("dl", ("class", "facts"));
        Fact(html, "Recordings", Markup.Format($"{count}"));
        Fact(html, "Made", Markup.Format($"{info.Created:yyyy-MM-dd HH:mm zzz}"));
        Fact(html, "Model", $"{info.ModelId} {info.ModelVersion}");
        if (info.ModelSha256.Length > 0) Fact(html, "Model SHA-256", info.ModelSha256, "hash");
        Fact(html, "Ran on", info.Provider);
        Fact(html, "Software", info.SoftwareVersion);
        Fact(html, "Alarm", Markup.Format($"at {info.AlarmAbove:0.00} and above; none at {info.AlarmBelow:0.00} and below; between them it cannot tell"));
        html.Close();
        if (count == 0) html.Element("p", "There are no recordings in this report.");
    }

    private static void Fact(Markup html, string name, string value, string kind = "")
    {
        html.Open("div");
        html.Element("dt", name);
        html.Element("dd", value, ("class", kind));
        html.Close();
    }
}
