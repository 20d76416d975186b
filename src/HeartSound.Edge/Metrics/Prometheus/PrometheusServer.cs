using System.Net;
using System.Net.Sockets;
using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Metrics.Prometheus;

/// <summary>
/// Answers <c>GET /metrics</c> on 127.0.0.1, one question at a time, on a thread of its own. A port that is taken is waited for, for ever; the device does not mind. The runtime's own
/// HttpListener rather than Kestrel, for a quarter of the memory (<c>docs/metrics.md</c>); it refuses questions for another host's name, as a web page's would be.
/// </summary>
internal sealed partial class PrometheusServer : IDisposable
{
    /// <summary>How long an asker may take to read the answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly PrometheusCollector _collector;
    private readonly int _port;
    private readonly DeviceHealth _health;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stop = new();
    private volatile HttpListener? _listener;

    /// <param name="collector">Stays the caller's.</param>
    /// <param name="port">0 for any free one.</param>
    /// <param name="health">Counts <c>metricsFailures</c>.</param>
    /// <param name="log">Where the address and trouble are said.</param>
    public PrometheusServer(PrometheusCollector collector, int port, DeviceHealth health, ILogger<PrometheusServer> log)
    {
        _collector = collector;
        _port = port;
        _health = health;
        _log = log;
        _thread = new Thread(Run) { Name = "metrics", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener?.Abort();
        if (_thread.Join(Patience)) _stop.Dispose();
    }

    private void Run()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var listener = Open();
                backoff.Reset();
                while (!_stop.IsCancellationRequested) Answer(listener.GetContext());
            }
#pragma warning disable CA1031 // Whatever happens to the figures must not happen to the device; it is tried again.
            catch (Exception e)
            {
                if (_stop.IsCancellationRequested) return;
                var wait = backoff.Next();
                _health.Count("metricsFailures");
                LogFailed(_port, e.Message, wait.TotalSeconds);
                _stop.Token.WaitHandle.WaitOne(wait);
            }
#pragma warning restore CA1031
        }
    }

    private HttpListener Open()
    {
        var port = _port == 0 ? FreePort() : _port;
        var listener = new HttpListener { IgnoreWriteExceptions = true };
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        try
        {
            listener.Start();
        }
        catch
        {
            listener.Close();
            throw;
        }

        try
        {
            listener.Prefixes.Add($"http://localhost:{port}/");
        }
        catch (Exception e) when (e is HttpListenerException or SocketException)
        {
            // A machine that does not know its localhost is asked by its number.
        }

        _listener = listener;
        if (_stop.IsCancellationRequested) listener.Abort();
        LogListening(port);
        return listener;
    }

    private void Answer(HttpListenerContext context)
    {
        var response = context.Response;
        try
        {
            response.Headers["Server"] = "";
            response.StatusCode = context.Request switch
            {
                { Url.AbsolutePath: not "/metrics" } => 404,
                { HttpMethod: not ("GET" or "HEAD") } => 405,
                _ => 200,
            };
            if (response.StatusCode == 405) response.Headers["Allow"] = "GET, HEAD";
            if (response.StatusCode == 200)
            {
                var text = _collector.Write(context.Request.Headers["Accept"]?.Contains("application/openmetrics-text", StringComparison.Ordinal) == true);
                var body = text.ToBytes();
                response.ContentType = text.ContentType;
                response.ContentLength64 = body.Length;
                if (context.Request.HttpMethod == "GET" && !response.OutputStream.WriteAsync(body, _stop.Token).AsTask().Wait(Patience)) throw new IOException("the asker does not read the answer");
            }

            response.Close();
        }
#pragma warning disable CA1031 // An asker that is gone, or a figure that cannot be had, is no reason to end; the next is answered again.
        catch (Exception e)
        {
            if (_stop.IsCancellationRequested) return;
            _health.Count("metricsFailures");
            LogUnanswered(e.InnerException?.Message ?? e.Message);
            response.Abort();
        }
#pragma warning restore CA1031
    }

    // HttpListener does not look for one itself. If somebody takes it in between, it is tried again.
    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    [LoggerMessage(3250, LogLevel.Information, "Metrics for Prometheus at http://127.0.0.1:{Port}/metrics")]
    private partial void LogListening(int port);

    [LoggerMessage(3251, LogLevel.Warning, "Metrics cannot be offered on port {Port}: {Reason}; tried again in {Seconds} s. Set metrics.prometheusPort to a free one if it stays so")]
    private partial void LogFailed(int port, string reason, double seconds);

    [LoggerMessage(3252, LogLevel.Warning, "A question for metrics stays unanswered: {Reason}")]
    private partial void LogUnanswered(string reason);
}
