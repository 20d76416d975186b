namespace HeartSound.Edge.Outputs;

/// <summary>What keeps this device from its broker. Immutable.</summary>
/// <param name="State">For programs.</param>
/// <param name="Text">For people: whole sentences, with what to do where that is known. Never holds a secret.</param>
public sealed record BrokerTrouble(BrokerState State, string Text);
