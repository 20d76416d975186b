using System.Net.Sockets;
using System.Text;

namespace HeartSound.Edge.Tests.Hosting.Systemd;

/// <summary>The supervisor's end of the notify socket.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[65536];

    /// <param name="address">A path, or <c>@name</c>.</param>
    public NotifySocket(string address)
    {
        Address = address;
        _socket.Bind(new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
    }

    public string Address { get; }

    /// <summary>What has come since the last time, a message each.</summary>
    public List<string> Read()
    {
        var messages = new List<string>();
        while (_socket.Poll(0, SelectMode.SelectRead)) messages.Add(Encoding.UTF8.GetString(_buffer, 0, _socket.Receive(_buffer)));
        return messages;
    }

    public void Dispose() => _socket.Dispose();
}
