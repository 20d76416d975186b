namespace HeartSound.Native.Mosquitto;

/// <summary>Versions of MQTT, by the number that stands in a CONNECT packet.</summary>
public enum MosquittoProtocol
{
    Mqtt311 = 4,
    Mqtt5 = 5,
}
