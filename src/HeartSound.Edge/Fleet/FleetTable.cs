using Spectre.Console;

namespace HeartSound.Edge.Fleet;

/// <summary>The report for people.</summary>
internal static class FleetTable
{
    public static Table Of(FleetReport report)
    {
        var table = new Table().AddColumns("what", "figure");
        void Row(string what, FormattableString figure) => table.AddRow(Markup.Escape(what), Markup.Escape(FormattableString.Invariant(figure)));
        var verdicts = report.Verdicts;
        Row("devices, consumers", $"{report.Devices}, {report.Consumers}");
        Row("time", $"{report.Seconds:0.0} s, and {report.DrainSeconds:0.0} s until all was there");
        Row("verdicts made, acknowledged, arrived", $"{verdicts.Made}, {verdicts.Acknowledged}, {verdicts.Arrived}");
        Row("lost", $"{verdicts.Lost}");
        Row("twice, out of order, held back", $"{verdicts.Duplicates}, {verdicts.OutOfOrder}, {report.HeldBack}");
        if (report.Consumers > 1) Row("shares of the consumers", $"{string.Join(", ", report.Shares)}");
        Row("messages sent", $"{report.SentPerSecond:0.0} /s");
        Row("messages received", $"{report.ReceivedPerSecond:0.0} /s, of them {report.VerdictsPerSecond:0.0} new verdicts");
        if (report.Latency is { } latency) Row("verdict, p50, p95, p99, max", $"{latency.P50:0.0}, {latency.P95:0.0}, {latency.P99:0.0}, {latency.Max:0.0} ms");
        if (report.LiveLatency is { } live) Row("live, p50, p95, p99, max", $"{live.P50:0.0}, {live.P95:0.0}, {live.P99:0.0}, {live.Max:0.0} ms; {report.LiveReceived} of {report.LiveSent} arrived");
        Row("connects, failures", $"{report.Connects}, {report.Failures}{(report.LastFailure is null ? "" : $" (the last: {report.LastFailure})")}");
        Row("this process", $"{Mebibytes(report.Simulator)} MiB, {report.Simulator.Cores:0.00} cores");
        foreach (var broker in report.Brokers) Row($"broker, process {broker.Process}", $"{Mebibytes(broker)} MiB, {broker.Cores:0.00} cores");
        Row("load average of the machine", $"{report.LoadAverage:0.0}");
        return table;
    }

    private static long Mebibytes(ProcessReport process) => process.PeakBytes >> 20;
}
