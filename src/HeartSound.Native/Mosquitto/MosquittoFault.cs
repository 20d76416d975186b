namespace HeartSound.Native.Mosquitto;

/// <summary>Why there is no connection. Immutable.</summary>
/// <param name="Kind">For programs.</param>
/// <param name="Text">For people; never holds a password.</param>
public sealed record MosquittoFault(MosquittoFaultKind Kind, string Text);
