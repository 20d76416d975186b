namespace HeartSound.Edge.Outputs;

/// <summary>How the connection to the broker is. Names on the wire: only ever added.</summary>
public enum BrokerState
{
    Connected,

    /// <summary>Verdicts wait; it is tried again for ever.</summary>
    Away,
}
