using System.Net.Sockets;
using System.Text.Json;
using HeartSound.Edge.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Dashboard;

/// <summary>Serves the page's files, and nothing else. The page itself speaks to the broker; nothing of what it shows passes through here. Disposed of by who starts it.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    /// <summary>What a browser lets the page do: its own scripts and styles, WebSockets, and no text that becomes markup. The same as in <c>index.html</c>, and frames besides, which only a header can forbid.</summary>
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; " +
        "require-trusted-types-for 'script'; trusted-types heartsound; frame-ancestors 'none'";

    private readonly WebApplication _app;

    private DashboardServer(WebApplication app, string address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Where the page is: <c>http://127.0.0.1:8080</c>.</summary>
    public string Address { get; }

    /// <exception cref="SetupException">The files are missing, or the port cannot be had.</exception>
    public static async Task<DashboardServer> Start(DashboardOptions options, CancellationToken stop)
    {
        var files = Path.GetFullPath(options.Files);
        if (!File.Exists(Path.Combine(files, "index.html")))
            throw new SetupException($"{files}: the page is not there. It is built by 'make build' where npm is (scripts/build-dashboard.sh); --files names another folder.");
        var app = Build(options, files);
        try
        {
            await app.StartAsync(stop);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await app.DisposeAsync();
            throw new SetupException(Trouble(options, e), e);
        }

        return new DashboardServer(app, app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async ValueTask DisposeAsync()
    {
        // Nobody has anything to finish here: a browser that keeps its connection open is not waited for.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    private static WebApplication Build(DashboardOptions options, string files)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = files, WebRootPath = files });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(options.Bind, options.Port);
        });

        var app = builder.Build();
        var config = JsonSerializer.SerializeToUtf8Bytes(new { options.BrokerUrl }, EdgeJson.Compact);
        app.Use((context, next) => Answer(context, next, config));
        app.UseStaticFiles(new StaticFileOptions { ContentTypeProvider = new FileExtensionContentTypeProvider(), OnPrepareResponse = Cache });
        app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        return app;
    }

    private static Task Answer(HttpContext context, RequestDelegate next, byte[] config)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            headers.Allow = "GET, HEAD";
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        if (context.Request.Path == "/") context.Request.Path = "/index.html";
        if (context.Request.Path != "/config.json") return next(context);
        headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = config.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(config).AsTask();
    }

    /// <summary>What lies in <c>assets</c> has its content's hash in its name and never changes; everything else is asked for anew.</summary>
    private static void Cache(StaticFileResponseContext context) => context.Context.Response.Headers.CacheControl =
        context.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";

    private static string Trouble(DashboardOptions options, Exception e)
    {
        var where = $"{options.Bind}:{options.Port}";
        var cause = e as SocketException ?? e.InnerException as SocketException ?? e.InnerException?.InnerException as SocketException;
        return e.InnerException is AddressInUseException || cause?.SocketErrorCode == SocketError.AddressAlreadyInUse ? $"{where} is taken by another program. --port names another port, --port 0 takes a free one."
            : cause?.SocketErrorCode == SocketError.AccessDenied ? $"{where}: ports below 1024 are for root. --port names another one."
            : cause?.SocketErrorCode == SocketError.AddressNotAvailable ? $"{where}: this machine has no such address. --bind 0.0.0.0 takes all that it has."
            : $"{where} cannot be listened at: {e.Message}";
    }

    /// <summary>Signals are answered by the verb.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
