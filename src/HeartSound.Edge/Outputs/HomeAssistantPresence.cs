namespace HeartSound.Edge.Outputs;

/// <summary>How a device is to be known to Home Assistant.</summary>
/// <param name="Prefix">Its discovery prefix; null for not at all, and then what was said there before is taken back.</param>
public sealed record HomeAssistantPresence(string? Prefix);
