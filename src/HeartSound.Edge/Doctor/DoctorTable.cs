using Spectre.Console;

namespace HeartSound.Edge.Doctor;

/// <summary>All findings, as people read them: a mark, a colour and words, so that none of the three is needed alone.</summary>
internal static class DoctorTable
{
    public static void Write(IAnsiConsole console, DoctorReport report)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var finding in report.Findings)
        {
            grid.AddRow(new Markup(Mark(finding.Level)), new Text(finding.Id), new Text(finding.Message));
            if (finding.Fix is { } fix) grid.AddRow(Text.Empty, Text.Empty, new Markup($"[bold]→[/] {Markup.Escape(fix)}"));
        }

        console.Write(grid);
        console.MarkupLine(Summary(report));
    }

    private static string Mark(FindingLevel level) => level switch
    {
        FindingLevel.Ok => "[green]● ok[/]",
        FindingLevel.Warning => "[yellow]▲ warning[/]",
        FindingLevel.Failed => "[red]✖ failed[/]",
        _ => "[grey]– none[/]",
    };

    private static string Summary(DoctorReport report)
    {
        var failed = report.Findings.Count(f => f.Level == FindingLevel.Failed);
        var warnings = report.Findings.Count(f => f.Level == FindingLevel.Warning);
        static string Count(int count, string word) => $"{count} {word}{(count == 1 ? "" : "s")}";
        return failed > 0 ? $"[red]{Count(failed, "part")} failed[/], {Count(warnings, "warning")}."
            : warnings > 0 ? $"The device can work; [yellow]{Count(warnings, "warning")}[/]."
            : "[green]All is well.[/]";
    }
}
