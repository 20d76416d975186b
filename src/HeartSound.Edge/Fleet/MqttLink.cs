using System.Buffers;
using System.Net.Sockets;

namespace HeartSound.Edge.Fleet;

/// <summary>
/// One connection to a broker, until it ends: no thread of its own, no waiting, nothing sent twice. Sending is safe from several threads and never blocks;
/// packets are handed over one at a time. The owner disposes it.
/// </summary>
internal sealed class MqttLink : IDisposable
{
    /// <summary>What may wait for the network, in bytes.</summary>
    private const int MaxPendingBytes = 1 << 20;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly PacketHandler _received;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource<string> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _keepAlive;
    private ArrayBufferWriter<byte> _pending = new();
    private ArrayBufferWriter<byte> _sending = new();
    private TaskCompletionSource<int>? _welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _flushing;
    private volatile bool _heard;

    private MqttLink(Socket socket, Stream stream, PacketHandler received, TimeSpan keepAlive)
    {
        _socket = socket;
        _stream = stream;
        _received = received;
        _keepAlive = new Timer(_ => KeepAlive(), null, keepAlive / 2, keepAlive / 2);
    }

    public delegate void PacketHandler(MqttLink link, MqttPacket packet);

    /// <summary>Ends with the connection, and says why, for people.</summary>
    public Task<string> End => _end.Task;

    /// <summary>Connects and waits for the broker's welcome.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="identity">Who.</param>
    /// <param name="cleanSession">Whether the broker forgets what was before, and what it is told, when the connection ends.</param>
    /// <param name="keepAlive">How often a sign of life is given, at the least.</param>
    /// <param name="received">Is given every packet that comes; must return soon.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="IOException">The broker is not there, or will not have us; the message says why.</exception>
    public static async Task<MqttLink> ConnectAsync(BrokerEndpoint endpoint, MqttIdentity identity, bool cleanSession, TimeSpan keepAlive, PacketHandler received, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(ConnectTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        MqttLink? link = null;
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, patience.Token);
            link = new MqttLink(socket, await endpoint.OpenAsync(socket, patience.Token), received, keepAlive);
            _ = link.ReadAsync();
            var welcome = link._welcome!.Task;
            link.TrySend(to => MqttWire.WriteConnect(to, identity, cleanSession, keepAlive));
            var code = await welcome.WaitAsync(patience.Token);
            return code == 0 ? link : throw new IOException($"the broker refuses, code {code}{(code is 4 or 5 ? ": check user name and password" : "")}");
        }
        catch (Exception e)
        {
            link?.Dispose();
            socket.Dispose();
            stop.ThrowIfCancellationRequested();
            throw e as IOException ?? new IOException(e is OperationCanceledException ? "no answer" : e.Message, e);
        }
    }

    /// <summary>Sends when the network can; false when the connection has ended, or too much waits for it.</summary>
    public bool TrySend(Action<IBufferWriter<byte>> write)
    {
        lock (_gate)
        {
            if (_ended.IsCancellationRequested || _pending.WrittenCount > MaxPendingBytes) return false;
            write(_pending);
            if (_flushing) return true;
            _flushing = true;
        }

        _ = FlushAsync();
        return true;
    }

    /// <summary>Takes leave, so that the broker does not publish the will, and ends.</summary>
    public async Task LeaveAsync()
    {
        TrySend(to => to.Write(MqttWire.DisconnectPacket));
        for (var i = 0; i < 100 && !End.IsCompleted; i++) await Task.Delay(10); // the broker ends it
        Dispose();
    }

    /// <summary>Ends without taking leave.</summary>
    public void Dispose()
    {
        Finish("ended");
        _keepAlive.Dispose();
    }

    private async Task FlushAsync()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    _sending.ResetWrittenCount();
                    if (_pending.WrittenCount == 0)
                    {
                        _flushing = false;
                        return;
                    }

                    (_pending, _sending) = (_sending, _pending);
                }

                await _stream.WriteAsync(_sending.WrittenMemory, _ended.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Finish(e.Message);
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[512]; // most only ever get acknowledgements
        var filled = 0;
        try
        {
            while (true)
            {
                if (filled == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
                var count = await _stream.ReadAsync(buffer.AsMemory(filled), _ended.Token);
                if (count == 0) throw new IOException("the broker has ended the connection");
                filled += count;
                var read = HandOver(buffer.AsSpan(0, filled));
                buffer.AsSpan(read, filled - read).CopyTo(buffer);
                filled -= read;
            }
        }
#pragma warning disable CA1031 // What a broker sends may be nonsense in any way; then the connection is of no use, and that is all.
        catch (Exception e)
        {
            Finish(e.Message);
        }
#pragma warning restore CA1031
    }

    private int HandOver(ReadOnlySpan<byte> bytes)
    {
        _heard = true;
        var read = 0;
        for (; MqttWire.TryRead(bytes[read..], out var packet, out var length); read += length)
        {
            if (packet.Type == MqttWire.ConnAck)
            {
                _welcome?.TrySetResult(packet.ReturnCode);
                _welcome = null;
            }
            else
            {
                _received(this, packet);
            }
        }

        return read;
    }

    private void KeepAlive()
    {
        // Twice in a keep-alive's time; the answer to the ping before has come by now, or the line is dead.
        if (!_heard) Finish("nothing comes from the broker any more");
        _heard = false;
        TrySend(to => to.Write(MqttWire.PingPacket));
    }

    private void Finish(string why)
    {
        if (!_end.TrySetResult(why)) return;
        _welcome?.TrySetException(new IOException(why));
        _ended.Cancel();
        _stream.Dispose();
        _socket.Dispose();
    }
}
