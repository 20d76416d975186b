using HeartSound.Edge.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Metrics;

public sealed class OtlpExportTests
{
    [Theory]
    [InlineData("http://c:4318", OtlpProtocol.HttpProtobuf, "http://c:4318/v1/metrics")]
    [InlineData("http://c:4318/", OtlpProtocol.HttpProtobuf, "http://c:4318/v1/metrics")]
    [InlineData("https://c/otlp/metrics", OtlpProtocol.HttpProtobuf, "https://c/otlp/metrics")]
    [InlineData("http://c:4317", OtlpProtocol.Grpc, "http://c:4317/")]
    public void Endpoint_ByHttp_HasThePathOfCollectors(string told, OtlpProtocol protocol, string expected) =>
        Assert.Equal(expected, OtlpExport.Endpoint(new MetricsOptions { OtlpEndpoint = told, OtlpProtocol = protocol }).ToString());

    [Theory]
    [InlineData(OtlpProtocol.HttpProtobuf, "/v1/metrics")]
    [InlineData(OtlpProtocol.Grpc, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    public async Task Dispose_CollectorIsThere_HasEveryMetricByItsName(OtlpProtocol protocol, string path)
    {
        await using var collector = await Collector.Start(protocol);
        using var told = new Told();
        var options = new MetricsOptions { OtlpEndpoint = collector.Address, OtlpProtocol = protocol, OtlpSeconds = 3600 };
        using (new OtlpExport(options, "bed-7", told.Health, NullLogger<OtlpExport>.Instance) { Goodbye = TimeSpan.FromSeconds(30) })
        {
            told.Device.Begin();
            told.Device.Took(Edge.Pipeline.PipelineStage.Network, 1000);
        }

        var (where, what) = Assert.Single(collector.Received);
        Assert.Equal(path, where);
        foreach (var word in new[] { "bed-7", "heartsound.stage.duration", "heartsound.verdict.count", "process.memory.usage", "network" })
            Assert.True(what.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(word)) >= 0, word);
        Assert.Empty(told.Health.Counters);
    }

    [Fact]
    public async Task Send_CollectorIsAwayAndComes_IsCountedAndHeals()
    {
        string address;
        await using (var gone = await Collector.Start(OtlpProtocol.HttpProtobuf)) address = gone.Address;
        using var told = new Told();
        using var export = new OtlpExport(new MetricsOptions { OtlpEndpoint = address, OtlpSeconds = 1 }, "bed-7", told.Health, NullLogger<OtlpExport>.Instance);
        told.Device.Begin();
        for (var i = 0; told.Health.Counters.GetValueOrDefault("metricsFailures") < 2; i++)
        {
            Assert.True(i < 6000, "nothing happened");
            await Task.Delay(10);
        }

        await using var back = await Collector.Start(OtlpProtocol.HttpProtobuf, address);
        for (var i = 0; back.Received.IsEmpty; i++)
        {
            Assert.True(i < 6000, "nothing happened");
            await Task.Delay(10);
        }
    }

    /// <summary>Takes what an exporter sends, by HTTP or by gRPC.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Collector(WebApplication app) => _app = app;

        public System.Collections.Concurrent.ConcurrentQueue<(string Path, byte[] Body)> Received { get; } = [];

        public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        public static async Task<Collector> Start(OtlpProtocol protocol, string address = "http://127.0.0.1:0")
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls(address).ConfigureKestrel(o => o.ConfigureEndpointDefaults(e => e.Protocols = protocol == OtlpProtocol.Grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
            var app = builder.Build();
            var collector = new Collector(app);
            app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                collector.Received.Enqueue((context.Request.Path, body.ToArray()));
                if (protocol != OtlpProtocol.Grpc) return;
                context.Response.ContentType = "application/grpc";
                await context.Response.Body.WriteAsync(new byte[5]); // an empty message
                context.Response.AppendTrailer("grpc-status", "0");
            });
            await app.StartAsync();
            return collector;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
