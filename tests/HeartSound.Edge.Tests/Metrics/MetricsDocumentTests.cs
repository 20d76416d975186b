using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using HeartSound.Edge.Metrics;
using HeartSound.Edge.Metrics.Prometheus;

namespace HeartSound.Edge.Tests.Metrics;

public sealed partial class MetricsDocumentTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "../../.."));

    [Fact]
    public void Document_Table_IsTheCatalogue()
    {
        var text = File.ReadAllText(Path.Combine(Root, "docs/metrics.md"));
        var table = Table();
        Assert.True(text.Contains(table, StringComparison.Ordinal), $"docs/metrics.md must have this table:\n{table}");
    }

    [Theory]
    [InlineData("deploy/prometheus/alerts.yml")]
    [InlineData("docs/metrics.md")]
    public void Names_ThatRulesAndDocumentsUse_Exist(string file)
    {
        var known = MetricCatalog.All.SelectMany(Names).Append("target_info").ToHashSet();
        var used = PrometheusNames().Matches(File.ReadAllText(Path.Combine(Root, file))).Select(m => m.Value).Distinct().ToList();
        Assert.NotEmpty(used);
        Assert.Empty(used.Except(known));
    }

    private static IEnumerable<string> Names(Metric metric)
    {
        var name = PrometheusName.Of(metric.Name, metric.Unit);
        return metric.Kind switch
        {
            MetricKind.Counter => [name + "_total"],
            MetricKind.Histogram => [name, name + "_bucket", name + "_sum", name + "_count"],
            _ => [name],
        };
    }

    private static string Table()
    {
        var table = new StringBuilder("| OpenTelemetry | Prometheus | kind, unit | attributes | what |\n|---|---|---|---|---|\n");
        foreach (var metric in MetricCatalog.All)
        {
            var attributes = metric.Attributes.Count == 0 ? "–" : string.Join("; ", metric.Attributes.Select(a => $"`{a.Name}`: {a.Values}"));
            var bounds = metric.Bounds.Count == 0 ? "" : $" Buckets: {string.Join(", ", metric.Bounds.Select(b => b.ToString("0.#####", CultureInfo.InvariantCulture)))}.";
            var kind = metric.Kind.ToString().ToLowerInvariant() + (metric.Unit is null ? "" : $", {metric.Unit}");
            table.Append(CultureInfo.InvariantCulture, $"| `{metric.Name}` | `{Names(metric).First()}` | {kind} | {attributes} | {metric.Description}{bounds} |\n");
        }

        return table.ToString();
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex(@"\b(heartsound|process)_[a-z_]+\b")]
    private static partial Regex PrometheusNames();
}
