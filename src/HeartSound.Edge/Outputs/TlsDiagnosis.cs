using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Outputs;

/// <summary>
/// Finds out why encryption towards the broker fails, by a handshake of its own: libmosquitto only says that it did. Nothing of MQTT is said, so no password leaves the device. A broker that cannot be
/// trusted is not shown this device's certificate.
/// </summary>
internal static class TlsDiagnosis
{
    /// <summary>How long connection and handshake may take.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    /// <summary>How long a broker has to turn the certificate of this device away: in TLS 1.3 it does so when the handshake is over for this side.</summary>
    private static readonly TimeSpan RefusalLimit = TimeSpan.FromSeconds(1.5);

    /// <summary>Why TLS does not work; null when nothing was found.</summary>
    public static BrokerTrouble? OfTls(MqttOptions options, DeviceClock clock)
    {
        var tls = options.Tls ?? throw new ArgumentException("Without TLS there is nothing to find out.", nameof(options));
        var judge = new TlsJudge(options, clock.Now);
        X509Certificate2? own = null;
        try
        {
            own = tls.CertificateFile is null ? null : X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile);
            return Shake(options, new SslClientAuthenticationOptions
            {
                TargetHost = options.Host,
                ClientCertificates = own is null ? null : [own],
                CertificateChainPolicy = ChainPolicy(tls, judge.Now),
                RemoteCertificateValidationCallback = (_, certificate, chain, _) => judge.Look(certificate as X509Certificate2, chain),
            }, judge, own);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return new BrokerTrouble(BrokerState.TlsFailed, $"The files for TLS cannot be used ({string.Join(", ", new[] { tls.Authorities, tls.CertificateFile, tls.KeyFile }.OfType<string>())}): {e.Message.TrimEnd('.')}.");
        }
        finally
        {
            own?.Dispose();
        }
    }

    /// <summary>Whether what closes the connection at the first plain word speaks TLS; null when not.</summary>
    public static BrokerTrouble? OfPlainText(MqttOptions options)
    {
        var seen = false;
        _ = Shake(options, new SslClientAuthenticationOptions
        {
            TargetHost = options.Host,
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                seen = certificate is not null;
                return false;
            },
        }, judge: null, own: null);
        return seen ? new BrokerTrouble(BrokerState.TlsNeeded, $"The broker {options.Host}:{options.Port} speaks TLS on this port, and this device is told to speak plain text: set broker.tls.enabled (--tls).") : null;
    }

    private static BrokerTrouble? Shake(MqttOptions options, SslClientAuthenticationOptions how, TlsJudge? judge, X509Certificate2? own)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.ConnectAsync(options.Host, options.Port, limit.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }

        using var heard = new HeardStream(new NetworkStream(socket));
        using var stream = new SslStream(heard);
        try
        {
            stream.AuthenticateAsClientAsync(how, limit.Token).GetAwaiter().GetResult();
            limit.CancelAfter(RefusalLimit);
            _ = stream.ReadAsync(new byte[1], limit.Token).AsTask().GetAwaiter().GetResult();
            return null; // closed, or it spoke first, which no MQTT broker does
        }
        catch (OperationCanceledException)
        {
            return null; // the handshake is over and the broker waits for CONNECT: encryption is fine. Or it never answered.
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            if (judge is null) return null;
            if (judge.Trouble is { } trouble) return trouble;
            if (judge.HasSeen) return judge.OfOwn(own, Alert(e));
            return heard.First is 0x15 or 0x16 // an alert, or part of a handshake
                ? new BrokerTrouble(BrokerState.TlsFailed, $"The broker {options.Host}:{options.Port} and this device find no way to encrypt: {Alert(e)}.")
                : new BrokerTrouble(BrokerState.NotTls, $"What listens at {options.Host}:{options.Port} speaks no TLS{(heard.First is null ? ": it closed the connection at the first word of it" : "")}. Is it the port for TLS ({BrokerOptions.TlsPort} by custom)?");
        }
    }

    private static X509ChainPolicy ChainPolicy(MosquittoTls tls, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true, VerificationTime = now.UtcDateTime };
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // a server's
        if (tls.Authorities == MosquittoTls.SystemCertificates) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (var file in Directory.Exists(tls.Authorities) ? Directory.EnumerateFiles(tls.Authorities) : [tls.Authorities]) policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }

    /// <summary>What the other side said, out of OpenSSL's words: "error:0A00045C:SSL routines::tlsv13 alert certificate required".</summary>
    private static string Alert(Exception e)
    {
        var innermost = e.GetBaseException().Message;
        var alert = innermost.LastIndexOf("alert ", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{(alert < 0 ? innermost : innermost[alert..])}").Trim().TrimEnd('.');
    }

    /// <summary>Remembers the first byte that the other side said.</summary>
    private sealed class HeardStream(Stream inner) : Stream
    {
        public int? First { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Note(buffer.AsSpan(offset), inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            return Note(buffer.Span, read);
        }

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        private int Note(Span<byte> buffer, int read)
        {
            if (read > 0) First ??= buffer[0];
            return read;
        }
    }
}
