using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using HeartSound.Edge.Health;
using HeartSound.Edge.Metrics.Prometheus;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Metrics;

public sealed class PrometheusServerTests
{
    private readonly DeviceHealth _health = new(TimeProvider.System, NullLogger<DeviceHealth>.Instance);

    [Fact]
    public async Task Server_PortIsTaken_WaitsForItAndAnswersThen()
    {
        using var taker = new TcpListener(IPAddress.Loopback, 0);
        taker.Start();
        var port = ((IPEndPoint)taker.LocalEndpoint).Port;
        using var meter = new Meter("test");
        using var collector = new PrometheusCollector(meter);
        using var server = new PrometheusServer(collector, port, _health, NullLogger<PrometheusServer>.Instance);
        await Until(() => _health.Counters.GetValueOrDefault("metricsFailures") > 0);

        taker.Stop();

        using var http = new HttpClient();
        string? text = null;
        await Until(() => (text = Get(http, port)) is not null);
        Assert.Contains("target_info", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_FigureThatCannotBeHad_AnswersAgainOnceItCan()
    {
        var port = FreePort();
        using var meter = new Meter("test");
        var isBroken = true;
        meter.CreateObservableGauge("g", () => isBroken ? throw new InvalidOperationException("broken") : 5);
        using var collector = new PrometheusCollector(meter);
        using var server = new PrometheusServer(collector, port, _health, NullLogger<PrometheusServer>.Instance);
        using var http = new HttpClient();
        await Until(() =>
        {
            _ = Get(http, port);
            return _health.Counters.GetValueOrDefault("metricsFailures") > 0;
        });

        isBroken = false;

        Assert.Contains("\ng 5\n", Get(http, port), StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_WhileItAnswersNobody_EndsItsThread()
    {
        using var meter = new Meter("test");
        using var collector = new PrometheusCollector(meter);
        for (var i = 0; i < 20; i++) new PrometheusServer(collector, 0, _health, NullLogger<PrometheusServer>.Instance).Dispose();
        Assert.Empty(_health.Counters);
    }

    private static string? Get(HttpClient http, int port)
    {
        try
        {
            return http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics")).GetAwaiter().GetResult();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 6000, "nothing happened");
            await Task.Delay(10);
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
