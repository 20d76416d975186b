using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeartSound.Edge.Commands;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Fleet;

/// <summary>How a simulated device is encrypted: what the device's own options mean, for .NET's TLS.</summary>
internal static class FleetTls
{
    /// <exception cref="SetupException">A certificate is no good.</exception>
    public static SslClientAuthenticationOptions Of(MosquittoTls tls, string host)
    {
        try
        {
            var options = new SslClientAuthenticationOptions { TargetHost = host };
            if (tls.CertificateFile is { } certificate) options.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, tls.KeyFile)];
            if (tls.Authorities == MosquittoTls.SystemCertificates) return options;
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            foreach (var file in Directory.Exists(tls.Authorities) ? Directory.GetFiles(tls.Authorities) : [tls.Authorities]) policy.CustomTrustStore.ImportFromPemFile(file);
            options.CertificateChainPolicy = policy;
            return options;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The certificates for TLS cannot be read: {e.Message}", e);
        }
    }
}
