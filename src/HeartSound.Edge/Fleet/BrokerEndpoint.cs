using System.Net.Security;
using System.Net.Sockets;

namespace HeartSound.Edge.Fleet;

/// <summary>One node of a broker. Immutable.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Tls">How to speak TLS with it; null for plain text.</param>
internal sealed record BrokerEndpoint(string Host, int Port, SslClientAuthenticationOptions? Tls = null)
{
    /// <summary>What bytes go through; the socket's owner is the stream from now on.</summary>
    public async Task<Stream> OpenAsync(Socket socket, CancellationToken stop)
    {
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (Tls is null) return plain;
        var secure = new SslStream(plain);
        try
        {
            await secure.AuthenticateAsClientAsync(Tls, stop);
            return secure;
        }
        catch (System.Security.Authentication.AuthenticationException e)
        {
            await secure.DisposeAsync();
            throw new IOException($"no TLS with {this}: {e.Message}", e);
        }
    }

    public override string ToString() => $"{Host}:{Port}";
}
