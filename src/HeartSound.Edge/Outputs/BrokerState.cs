namespace HeartSound.Edge.Outputs;

/// <summary>How the connection to the broker is. Names on the wire: only ever added. docs/broker.md says what to do about each.</summary>
public enum BrokerState
{
    Connected,

    /// <summary>Verdicts wait; it is tried again for ever. All that follow say more.</summary>
    Away,

    /// <summary>It turned this device away, for another reason than its credentials.</summary>
    Refused,

    /// <summary>It does not know the user name, or the password is wrong.</summary>
    BadCredentials,

    /// <summary>It took this device, and turned a message of it away: its access list forbids the topic.</summary>
    Forbidden,

    /// <summary>A certificate is not valid yet: most often because this device's clock is wrong.</summary>
    TlsNotYetValid,

    /// <summary>A certificate is no longer valid.</summary>
    TlsExpired,

    /// <summary>No authority that this device knows vouches for the broker's certificate.</summary>
    TlsUntrusted,

    /// <summary>The broker's certificate is for another host.</summary>
    TlsWrongHost,

    /// <summary>The broker wants a certificate of this device, or another one.</summary>
    TlsClientRefused,

    /// <summary>The broker speaks TLS on this port, and this device does not.</summary>
    TlsNeeded,

    /// <summary>What listens on this port speaks no TLS.</summary>
    NotTls,

    /// <summary>Encryption did not come about for another reason.</summary>
    TlsFailed,
}
