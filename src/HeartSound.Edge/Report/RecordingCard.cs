namespace HeartSound.Edge.Report;

/// <summary>All about one recording: what the verdict is, what to do, on what it rests, and the picture.</summary>
internal static class RecordingCard
{
    public static void Write(Markup html, ReportedRecording recording, Outcome outcome, int number, ReportInfo info, bool hasPicture)
    {
        var id = Markup.Format($"r{number}");
        html.Open("article", ("id", id), ("class", $"card is-{Symbols.Class(outcome)}"), ("aria-labelledby", id + "-name"));
        html.Open("h3", ("id", id + "-name"));
        html.Element("bdi", recording.File);
        html.Close();

        html.Open("div", ("class", "columns"));
        html.Open("div", ("class", "said"));
        html.Open("p", ("class", "verdict " + Symbols.Class(outcome)));
        Symbols.Write(html, outcome);
        html.Text(recording.Verdict is { Length: > 0 } verdict ? char.ToUpperInvariant(verdict[0]) + verdict[1..] : "Failed");
        html.Close();
        WriteParagraph(html, "", recording.Verdict is null ? recording.Error : recording.Reason);
        WriteParagraph(html, "What to do: ", recording.Advice);
        WriteParagraph(html, "Note: ", recording.Warning);
        html.Close();
        WriteProbabilities(html, recording, info);
        WriteFacts(html, recording);
        html.Close();

        if (!hasPicture) html.Element("p", Markup.Format($"Pictures are shown for {info.MaxPictures} recordings only."), ("class", "note"));
        else if (recording.DurationSeconds > 0 && recording.WaveformMin.Count > 0) RecordingPicture.Write(html, recording, info, id);
        html.Close();
    }

    /// <summary>A bar from 0 to 1, beside which the number stands.</summary>
    public static void WriteBar(Markup html, double value, string kind)
    {
        html.Open("span", ("class", "bar"), ("aria-hidden", "true"));
        html.Element("i", "", ("class", kind), ("style", $"width:{Markup.Number(double.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1) * 100)}%"));
        html.Close();
    }

    private static void WriteParagraph(Markup html, string lead, string text)
    {
        if (text.Length == 0) return;
        html.Open("p");
        if (lead.Length > 0) html.Element("strong", lead);
        html.Text(text);
        html.Close();
    }

    private static void WriteProbabilities(Markup html, ReportedRecording recording, ReportInfo info)
    {
        if (recording.Probabilities.Count == 0) return;
        html.Open("dl", ("class", "probabilities"), ("aria-label", "Probabilities"));
        foreach (var (label, probability) in recording.Probabilities)
        {
            html.Open("div");
            html.Element("dt", label);
            html.Open("dd");
            WriteBar(html, probability, info.AlarmLabels.Contains(label) ? "abnormal" : "normal");
            html.Text(Markup.Format($" {probability:0.00}"));
            html.Close();
            html.Close();
        }

        html.Close();
    }

    private static void WriteFacts(Markup html, ReportedRecording recording)
    {
        if (recording.Verdict is null && recording.DurationSeconds <= 0) return;
        html.Open("dl", ("class", "numbers"));
        Fact(html, "Heart rate", recording.HeartRateBpm is { } rate ? Markup.Format($"{rate:0} bpm") : "not found");
        if (recording.QualityScore is { } score) Fact(html, "Quality", Markup.Format($"{score * 100:0} %"));
        if (recording.Windows.Count > 0) Fact(html, "Windows used", Markup.Format($"{recording.Windows.Count(window => window.Accepted)} of {recording.Windows.Count}"));
        Fact(html, "Length", Markup.Format($"{recording.DurationSeconds:0.0} s"));
        Fact(html, "Sample rate", Markup.Format($"{recording.SampleRateHz} Hz"));
        html.Close();
    }

    private static void Fact(Markup html, string name, string value)
    {
        html.Open("div");
        html.Element("dt", name);
        html.Element("dd", value);
        html.Close();
    }
}
