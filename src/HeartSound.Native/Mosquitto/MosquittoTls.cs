namespace HeartSound.Native.Mosquitto;

/// <summary>How the connection is encrypted: at least TLS 1.2, and the broker must prove that it is the host that was named. There is no way to leave that out.</summary>
public sealed record MosquittoTls
{
    /// <summary>Where the certificates of Debian and its children lie, by their hashes.</summary>
    public const string SystemCertificates = "/etc/ssl/certs";

    /// <summary>File (PEM) with the authorities that may vouch for the broker, or a folder of such files with <c>openssl rehash</c>. Default: the system's.</summary>
    public string Authorities { get; init; } = SystemCertificates;

    /// <summary>The client's own certificate, with what leads to its authority (PEM); null shows none. Needs <see cref="KeyFile"/>.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key (PEM), which has no passphrase.</summary>
    public string? KeyFile { get; init; }
}
