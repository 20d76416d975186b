namespace HeartSound.Native.Mosquitto;

/// <summary>
/// Which version of MQTT to speak: 5 where library and broker can, else 3.1.1, as long as that works. Brokers refuse a version that they do not know with a code of MQTT 3.1.1
/// (RabbitMQ before 3.13, mosquitto before 1.6), or just close. Not for several threads.
/// </summary>
/// <param name="hasMqtt5">Whether the library can speak MQTT 5.</param>
internal sealed class ProtocolChoice(bool hasMqtt5)
{
    public MosquittoProtocol Next { get; private set; } = hasMqtt5 ? MosquittoProtocol.Mqtt5 : MosquittoProtocol.Mqtt311;

    /// <summary>Learns from a connection or an attempt that ended so. True when another version is worth an attempt at once.</summary>
    public bool Ended(MosquittoFaultKind kind)
    {
        if (!hasMqtt5)
            return false;
        if (Next == MosquittoProtocol.Mqtt5)
        {
            // Closing without a word can mean anything: the older version is tried too, but not in a hurry.
            if (kind is MosquittoFaultKind.ProtocolRefused or MosquittoFaultKind.ClosedEarly)
                Next = MosquittoProtocol.Mqtt311;
            return kind == MosquittoFaultKind.ProtocolRefused;
        }

        // What was not refused for its version shows that the version is understood. When the broker comes back it may be a newer one.
        if (kind is MosquittoFaultKind.Unreachable or MosquittoFaultKind.ClosedEarly or MosquittoFaultKind.ProtocolRefused)
            Next = MosquittoProtocol.Mqtt5;
        return false;
    }
}
