namespace HeartSound.Benchmarks.Comparisons;

/// <summary>A Markdown table, columns aligned.</summary>
internal sealed class Table(params string[] heads)
{
    private readonly List<string[]> _rows = [heads, [.. heads.Select(_ => "---")]];

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Smallest and largest, to see how far a median can be trusted.</summary>
    public static string Range(IEnumerable<double> values, string format) =>
        $"{values.Min().ToString(format, null)}–{values.Max().ToString(format, null)}";

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write()
    {
        var widths = Enumerable.Range(0, heads.Length).Select(c => _rows.Max(r => r[c].Length)).ToArray();
        foreach (var row in _rows) Console.WriteLine($"| {string.Join(" | ", row.Select((cell, c) => cell.PadRight(widths[c], cell == "---" ? '-' : ' ')))} |");
    }
}
