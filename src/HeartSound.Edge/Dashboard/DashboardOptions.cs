using System.Net;

namespace HeartSound.Edge.Dashboard;

/// <summary>Where the page is served, and from which files. Immutable.</summary>
internal sealed record DashboardOptions
{
    public const int DefaultPort = 8080;

    /// <summary>The page as it was built: <c>index.html</c> and what it names.</summary>
    public required string Files { get; init; }

    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>What the page offers as its broker's address; null offers nothing.</summary>
    public string? BrokerUrl { get; init; }

    /// <summary>An address that a browser can reach a broker by: <c>ws://</c> or <c>wss://</c>, without user, password, query or fragment.</summary>
    public static bool IsBrokerUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "ws" or "wss" && url.Host.Length > 0 && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;
}
