using System.Net;

namespace HeartSound.Edge.Outputs;

/// <summary>Where messages and passwords may go unencrypted.</summary>
internal static class PlainText
{
    /// <summary>Why <paramref name="options"/> must not be followed; null when they may.</summary>
    public static string? Fault(BrokerOptions options) => options.Host is not { } host || options.Tls.Enabled || options.AllowPlainText || IsThisMachine(host) ? null
        : $"{host} is another machine, and without TLS everybody on the way can read and change what is said{(options.Username is null ? "" : ", the password too")}: encrypt it (broker.tls.enabled, --tls), or say that plain text is meant (broker.allowPlainText, --allow-plain-text).";

    /// <summary>Whether nothing that is sent to <paramref name="host"/> leaves this machine.</summary>
    public static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
