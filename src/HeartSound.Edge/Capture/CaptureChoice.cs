namespace HeartSound.Edge.Capture;

/// <summary>Which microphone is the stethoscope, and why; or that none is, and why.</summary>
/// <param name="Device">Null when there is none that can be opened.</param>
/// <param name="Rule">The rule that found it, such as <c>usbPath 1-2.1</c>; where none did the rules that were tried.</param>
/// <param name="Fault"><see cref="CaptureState.NotFound"/> or <see cref="CaptureState.SeveralMatch"/> when there is none, <see cref="CaptureState.CannotOpen"/> when somebody
/// else has it.</param>
/// <param name="Message">For people: what it is and which rule found it, or what is in the way and what to do.</param>
public sealed record CaptureChoice(CaptureDevice? Device, string Rule, CaptureState? Fault, string Message);
