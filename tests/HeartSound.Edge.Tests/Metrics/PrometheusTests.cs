using System.Diagnostics.Metrics;
using System.Text;
using HeartSound.Edge.Metrics;
using HeartSound.Edge.Metrics.Prometheus;

namespace HeartSound.Edge.Tests.Metrics;

public sealed class PrometheusTests : IDisposable
{
    private readonly Meter _meter = new("test");

    public void Dispose() => _meter.Dispose();

    [Theory]
    [InlineData("heartsound.stage.duration", "s", "heartsound_stage_duration_seconds")]
    [InlineData("process.memory.usage", "By", "process_memory_usage_bytes")]
    [InlineData("a.b-c", null, "a_b_c")]
    [InlineData("wait.seconds", "s", "wait_seconds")]
    [InlineData("verdicts", "{verdict}", "verdicts")]
    [InlineData("9lives", null, "_9lives")]
    public void Name_OfAMetric_FollowsOpenTelemetrysRules(string name, string? unit, string expected) => Assert.Equal(expected, PrometheusName.Of(name, unit));

    [Fact]
    public void Write_Counter_HasTotalAndEscapedHelpAndLabels()
    {
        var counter = _meter.CreateCounter<long>("odd.things", "{thing}", "Things \\ that\nare \"odd\".");
        using var collector = new PrometheusCollector(_meter);
        counter.Add(2, new KeyValuePair<string, object?>("of.what", "back\\slash \"quote\" new\nline ü"));
        counter.Add(1, new KeyValuePair<string, object?>("of.what", "back\\slash \"quote\" new\nline ü"));

        Assert.Contains("# HELP odd_things_total Things \\\\ that\\nare \"odd\".\n# TYPE odd_things_total counter\nodd_things_total{of_what=\"back\\\\slash \\\"quote\\\" new\\nline ü\"} 3\n",
            Text(collector), StringComparison.Ordinal);
        Assert.Contains("# HELP odd_things Things \\\\ that\\nare \\\"odd\\\".\n# TYPE odd_things counter\nodd_things_total{", Text(collector, isOpenMetrics: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Histogram_CountsWhatIsAtMostABound()
    {
        var histogram = _meter.CreateHistogram("wait", "s", "W.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00001, 0.5, 1, 60] });
        using var collector = new PrometheusCollector(_meter);
        foreach (var value in new[] { 0.5, 0.6, 1, 61, 0 }) histogram.Record(value);

        Assert.EndsWith("""
            # TYPE wait_seconds histogram
            wait_seconds_bucket{le="1e-05"} 1
            wait_seconds_bucket{le="0.5"} 2
            wait_seconds_bucket{le="1.0"} 4
            wait_seconds_bucket{le="60.0"} 4
            wait_seconds_bucket{le="+Inf"} 5
            wait_seconds_sum 63.1
            wait_seconds_count 5

            """, Text(collector), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NumbersThatAreNone_AreWrittenAsPrometheusDoes()
    {
        _meter.CreateObservableGauge("odd", () => new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, -0.25 }.Select((v, i) => new Measurement<double>(v, new KeyValuePair<string, object?>("i", i))));
        using var collector = new PrometheusCollector(_meter);

        Assert.EndsWith("odd{i=\"0\"} NaN\nodd{i=\"1\"} +Inf\nodd{i=\"2\"} -Inf\nodd{i=\"3\"} 1E+300\nodd{i=\"4\"} -0.25\n", Text(collector), StringComparison.Ordinal);
    }

    [Fact]
    public void Tell_TooManySets_KeepsTheFirstAndForgetsTheRest()
    {
        var counter = _meter.CreateCounter<long>("many");
        using var collector = new PrometheusCollector(_meter);
        for (var i = 0; i < 10_000; i++) counter.Add(1, new KeyValuePair<string, object?>("i", i));

        Assert.Equal(PrometheusFamily.MaxSeries, Text(collector).Split('\n').Count(l => l.StartsWith("many_total{", StringComparison.Ordinal)));
    }

    [Fact]
    public void Write_OtherMeters_AreNotTold()
    {
        using var other = new Meter("test");
        using var collector = new PrometheusCollector(_meter);
        other.CreateCounter<long>("theirs").Add(1);

        Assert.DoesNotContain("theirs", Text(collector), StringComparison.Ordinal);
    }

    [Fact]
    public void Catalog_EveryMetric_HasANameOfItsOwnAndAnInstrument()
    {
        using var told = new Told();
        var instruments = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => instruments.AddRange(instrument.Meter == told.Device.Meter ? [$"{instrument.Name} in {instrument.Unit}"] : []) };
        listener.Start();

        Assert.Equal(MetricCatalog.All.Select(m => $"{m.Name} in {m.Unit}").Order(), instruments.Order());
        Assert.Equal(MetricCatalog.All.Count, MetricCatalog.All.Select(m => PrometheusName.Of(m.Name, m.Unit)).Distinct().Count());
        Assert.All(MetricCatalog.All, m => Assert.Equal(m.Bounds.Order(), m.Bounds));
    }

    private static string Text(PrometheusCollector collector, bool isOpenMetrics = false) => Encoding.UTF8.GetString(collector.Write(isOpenMetrics).ToBytes());
}
