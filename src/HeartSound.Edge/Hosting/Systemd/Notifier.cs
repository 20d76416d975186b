using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Hosting.Systemd;

/// <summary>
/// Tells systemd how the service is, by datagrams to the socket that <c>NOTIFY_SOCKET</c> names (sd_notify(3)). Where the variable is absent every method
/// does nothing. Thread-safe; never throws: a supervisor that does not listen must not stop a device that listens. Whoever makes it disposes it.
/// </summary>
public sealed partial class Notifier : IDisposable
{
    public const string SocketVariable = "NOTIFY_SOCKET";

    /// <summary>systemd reads a page at the most; a status line is one line on a terminal.</summary>
    private const int LongestStatus = 400;

    /// <summary>systemd's queue may be full for a moment; a thread of the device waits no longer for it.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Socket? _socket;
    private readonly ILogger _log;
    private string _status = "";
    private bool _failed;

    /// <param name="address">The socket's path, or <c>@name</c> for one without a file; null where nobody supervises.</param>
    /// <param name="log">Where it is said that systemd cannot be told; said once.</param>
    public Notifier(string? address, ILogger<Notifier> log)
    {
        _log = log;
        if (string.IsNullOrEmpty(address)) return;
        if (address[0] is not ('/' or '@'))
        {
            LogForeign(address);
            return;
        }

        try
        {
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = (int)SendTimeout.TotalMilliseconds };
            _socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            Failed(e);
            _socket?.Dispose();
            _socket = null;
        }
    }

    /// <summary>Whether there is somebody to tell.</summary>
    public bool IsSupervised => _socket is not null;

    /// <summary>For this process, as its environment says.</summary>
    public static Notifier FromEnvironment(ILogger<Notifier> log) => new(Environment.GetEnvironmentVariable(SocketVariable), log);

    /// <summary>The service does its work from now on; also ends what <see cref="Reloading"/> began.</summary>
    public void Ready(string status) => Send($"READY=1\n{StatusLine(status)}");

    /// <summary>The service is on its way out.</summary>
    public void Stopping(string status) => Send($"STOPPING=1\n{StatusLine(status)}");

    /// <summary>New settings are being read; <see cref="Ready"/> must follow.</summary>
    public void Reloading(string status)
    {
        var now = (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds; // CLOCK_MONOTONIC, which is what systemd compares it with
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={now}\n{StatusLine(status)}"));
    }

    /// <summary>What <c>systemctl status</c> shows; sent only when it differs from the last. Line breaks become spaces.</summary>
    public void Status(string status)
    {
        lock (_gate)
        {
            if (status == _status) return;
        }

        Send(StatusLine(status));
    }

    /// <summary>The service is alive; only <see cref="ProgressWatchdog"/> may say so.</summary>
    internal void Watchdog() => Send("WATCHDOG=1");

    public void Dispose()
    {
        lock (_gate) _socket?.Dispose();
    }

    private string StatusLine(string status)
    {
        lock (_gate) _status = status;
        var line = status.ReplaceLineEndings(" ").Replace('\0', ' ');
        return $"STATUS={(line.Length <= LongestStatus ? line : string.Concat(line.AsSpan(0, LongestStatus - 1), "…"))}";
    }

    private void Send(string message)
    {
        if (_socket is null) return;
        try
        {
            lock (_gate) _socket.Send(Encoding.UTF8.GetBytes(message));
            _failed = false;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            if (e is SocketException) Failed(e);
        }
    }

    private void Failed(Exception e)
    {
        if (_failed) return;
        _failed = true;
        LogFailed(e.Message);
    }

    [LoggerMessage(1211, LogLevel.Warning, "systemd cannot be told how the service is: {Cause}")]
    private partial void LogFailed(string cause);

    [LoggerMessage(1212, LogLevel.Warning, "NOTIFY_SOCKET is '{Address}', neither a path nor an abstract name: systemd is told nothing")]
    private partial void LogForeign(string address);
}
