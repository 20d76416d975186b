namespace HeartSound.Edge.Capture;

/// <summary>All microphones, and which of them is the stethoscope.</summary>
/// <param name="Devices">In PortAudio's order.</param>
/// <param name="Choice">What the service would listen to.</param>
public sealed record CaptureSurvey(IReadOnlyList<CaptureDevice> Devices, CaptureChoice Choice);
