namespace HeartSound.Native.Mosquitto;

/// <summary>A message that came from the broker. Payload is the receiver's own copy; Retain is true when it was kept by the broker from before the subscription.</summary>
public sealed record MosquittoMessage(string Topic, byte[] Payload, int Qos, bool Retain);
