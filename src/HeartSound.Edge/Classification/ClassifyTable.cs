using System.Globalization;
using HeartSound.Edge.Outputs;
using Spectre.Console;

namespace HeartSound.Edge.Classification;

/// <summary>The table of <c>classify</c>, for people.</summary>
internal sealed class ClassifyTable
{
    private readonly Table _table = new Table().Border(TableBorder.Rounded)
        .AddColumn("recording").AddColumn("verdict").AddColumn(new TableColumn("alarm").RightAligned())
        .AddColumn(new TableColumn("heart").RightAligned()).AddColumn(new TableColumn("good").RightAligned()).AddColumn("why, and what to do");

    public void Add(RecordingResult result)
    {
        if (result.Verdict is not { } verdict)
        {
            _table.AddRow(new Text(result.File), new Markup("[red]✖ failed[/]"), Text.Empty, Text.Empty, Text.Empty, new Text(result.Error ?? ""));
            return;
        }

        var notes = new List<string>();
        if (verdict.Reason is { } reason) notes.Add($"{VerdictText.Words(reason)}: {verdict.Advice}");
        if (result.Warning is { } warning) notes.Add(warning);
        _table.AddRow(
            new Text(result.File),
            new Markup(VerdictText.Badge(verdict.Answer, verdict.Alarm)),
            new Text(verdict.AlarmProbability is { } alarm ? alarm.ToString("P0", CultureInfo.InvariantCulture) : "-"),
            new Text(VerdictText.HeartRate(verdict.HeartRateBpm)),
            new Text(string.Create(CultureInfo.InvariantCulture, $"{verdict.Quality.GoodSeconds:0.0}/{result.Seconds:0.0} s")),
            new Text(string.Join(" ", notes)));
    }

    public void WriteTo(IAnsiConsole console) => console.Write(_table);
}
