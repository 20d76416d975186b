namespace HeartSound.Native.Mosquitto;

/// <summary>How far an attempt to connect came, and what ended it.</summary>
public enum MosquittoFaultKind
{
    /// <summary>No such host, no way there, or nobody listens at the port.</summary>
    Unreachable,

    /// <summary>The encrypted connection did not come about, or the files for it are no good.</summary>
    Tls,

    /// <summary>The broker took the connection and closed it without a word.</summary>
    ClosedEarly,

    /// <summary>The broker took the connection and never answered.</summary>
    Silent,

    /// <summary>The broker does not speak this version of MQTT.</summary>
    ProtocolRefused,

    /// <summary>The broker does not know this user, or the password is wrong.</summary>
    BadCredentials,

    /// <summary>The broker turned the client away for another reason.</summary>
    Refused,

    /// <summary>A connection that stood has ended.</summary>
    Lost,

    /// <summary>The broker has ended a connection that stood, and said why (MQTT 5).</summary>
    Dismissed,
}
