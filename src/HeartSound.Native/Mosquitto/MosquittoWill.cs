namespace HeartSound.Native.Mosquitto;

/// <summary>What the broker publishes in a client's name when the client goes away without saying so. Qos is 0, 1 or 2.</summary>
public sealed record MosquittoWill(string Topic, ReadOnlyMemory<byte> Payload, int Qos, bool Retain);
