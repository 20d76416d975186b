using System.Globalization;
using System.Text;
using System.Text.Json;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Export;

/// <summary>Verdicts as a table (RFC 4180): a row each, a column more for every label that a model has. A cell that a spreadsheet would take for a formula begins with an apostrophe.</summary>
internal static class VerdictCsv
{
    private static readonly (string Name, Func<VerdictMessage, object?> Value)[] Columns =
    [
        ("time", v => v.Time), ("clockSynced", v => v.ClockSynced), ("device", v => v.Device), ("series", v => v.Series), ("sequence", v => v.Sequence), ("id", v => v.Id),
        ("examination", v => v.Examination.Id), ("site", v => Word(v.Examination.Site)), ("sites", v => v.Examination.Sites is { } sites ? string.Join(' ', sites.Select(s => $"{Word<Site>(s.Site)}={s.Verdict}")) : null),
        ("verdict", v => v.Verdict), ("alarm", v => v.Alarm), ("findings", v => v.Findings is { } findings ? string.Join(' ', findings) : null), ("reason", v => Word(v.Reason)), ("advice", v => v.Advice),
        ("alarmProbability", v => v.AlarmProbability), ("confidence", v => v.Confidence), ("heartRateBpm", v => v.HeartRateBpm),
        ("qualityScore", v => v.Quality.Score), ("windows", v => v.Quality.Windows), ("acceptedWindows", v => v.Quality.AcceptedWindows), ("goodSeconds", v => v.Quality.GoodSeconds),
        ("gaps", v => v.Quality.Gaps), ("faultySamples", v => v.Quality.FaultySamples), ("startSeconds", v => v.Examination.StartSeconds), ("endSeconds", v => v.Examination.EndSeconds),
        ("recording", v => v.Examination.Recording), ("model", v => v.Model.Id), ("modelVersion", v => v.Model.Version), ("modelSha256", v => v.Model.Sha256),
        ("provider", v => v.Provider), ("latencyMs", v => v.LatencyMs), ("software", v => v.Software), ("session", v => v.Session), ("bootId", v => v.BootId), ("monotonicSeconds", v => v.MonotonicSeconds),
    ];

    public static void Write(IReadOnlyList<VerdictMessage> verdicts, TextWriter output)
    {
        List<string> labels = [.. verdicts.SelectMany(v => v.Probabilities.Keys).Distinct()];
        output.Write(Row([.. Columns.Select(c => c.Name), .. labels.Select(l => $"probability {l}")]));
        foreach (var verdict in verdicts)
        {
            output.Write(Row([
                .. Columns.Select(c => c.Value(verdict)),
                .. labels.Select(l => verdict.Probabilities.TryGetValue(l, out var probability) ? (object?)probability : null)]));
        }
    }

    private static string Row(IEnumerable<object?> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";

    private static string Cell(object? value) => value switch
    {
        null => "",
        bool b => b ? "true" : "false",
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        string text => Quoted(text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{text}" : text),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => Quoted(value.ToString() ?? ""),
    };

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : new StringBuilder(text).Replace("\"", "\"\"").Insert(0, '"').Append('"').ToString();

    private static string? Word<T>(T? value)
        where T : struct, Enum => value is { } known ? JsonSerializer.SerializeToElement(known, EdgeJson.Compact).GetString() : null;
}
