using System.ComponentModel;

namespace HeartSound.Edge.Outputs;

/// <summary>TLS towards the broker. The broker's name is always checked against its certificate.</summary>
public sealed record BrokerTlsOptions
{
    [Description("Whether to speak TLS.")]
    public bool Enabled { get; init; }

    [Description("File (PEM) with the authorities that may vouch for the broker, or a folder of such files with `openssl rehash`; without it those of the system.")]
    public string? CaFile { get; init; }

    [Description("This device's own certificate (PEM), where the broker asks for one.")]
    public string? CertificateFile { get; init; }

    [Description("Its private key (PEM, without a passphrase); only its owner may read it. Without it the service's credential `broker-key`.")]
    public string? KeyFile { get; init; }
}
