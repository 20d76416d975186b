using System.Globalization;
using System.Text;

namespace HeartSound.Edge.Metrics.Prometheus;

/// <summary>
/// Writes the text that Prometheus reads: the exposition format 0.0.4, or OpenMetrics 1.0, where families have units, a counter's family goes without <c>_total</c>, and an end is marked.
/// </summary>
/// <remarks>Source: prometheus.io, "Exposition formats"; github.com/prometheus/OpenMetrics, specification 1.0.</remarks>
internal sealed class PrometheusText(bool isOpenMetrics)
{
    public const string PlainType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly StringBuilder _text = new(16 * 1024);

    public string ContentType => isOpenMetrics ? OpenMetricsType : PlainType;

    /// <summary>Written out, without braces.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(PrometheusName.Letters(name)).Append("=\"").Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quotes: true)).Append('"');
        }

        return text.ToString();
    }

    /// <summary>Who speaks: once, before all else.</summary>
    public void Target(string labels)
    {
        if (isOpenMetrics) _text.Append("# HELP target Who speaks.\n# TYPE target info\n");
        else _text.Append("# HELP target_info Who speaks.\n# TYPE target_info gauge\n");
        Sample("target_info", labels, 1);
    }

    public void Begin(PrometheusFamily family)
    {
        var name = family.Kind == MetricKind.Counter && !isOpenMetrics ? family.Name + "_total" : family.Name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(Escape(family.Help, quotes: isOpenMetrics)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(family.Kind switch { MetricKind.Counter => "counter", MetricKind.Histogram => "histogram", _ => "gauge" }).Append('\n');
        if (isOpenMetrics && family.Unit.Length > 0) _text.Append("# UNIT ").Append(name).Append(' ').Append(family.Unit).Append('\n');
    }

    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0) _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <param name="name">Of the family.</param>
    /// <param name="labels">Of this one.</param>
    /// <param name="bounds">Ascending.</param>
    /// <param name="buckets">How many lie in each bucket alone; one more than there are bounds.</param>
    /// <param name="sum">Of all values.</param>
    public void Histogram(string name, string labels, IReadOnlyList<double> bounds, ReadOnlySpan<long> buckets, double sum)
    {
        long below = 0;
        for (var bucket = 0; bucket < buckets.Length; bucket++)
        {
            below += buckets[bucket];
            var bound = bucket < bounds.Count ? Bound(bounds[bucket]) : "+Inf";
            Sample(name + "_bucket", labels.Length > 0 ? $"{labels},le=\"{bound}\"" : $"le=\"{bound}\"", below);
        }

        Sample(name + "_sum", labels, sum);
        Sample(name + "_count", labels, below);
    }

    /// <summary>All that was written, UTF-8.</summary>
    public byte[] ToBytes()
    {
        if (isOpenMetrics) _text.Append("# EOF\n");
        return Encoding.UTF8.GetBytes(_text.ToString());
    }

    private static string Number(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture)
        : double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";

    // OpenMetrics wants bounds to be written as Go writes them: a whole one with ".0", small ones as "1e-05".
    private static string Bound(double bound)
    {
        var text = bound.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.Contains('.', StringComparison.Ordinal) || text.Contains('e', StringComparison.Ordinal) ? text : text + ".0";
    }

    private static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}
