namespace HeartSound.Edge.Outputs.Lights;

#pragma warning disable CA1720 // Short and long are what people call presses; nobody takes them for integers here.
/// <summary>What a person did with the button.</summary>
public enum ButtonPress
{
    /// <summary>Pressed and let go: starts or stops an examination.</summary>
    Short,

    /// <summary>Held for long, and perhaps still held: the device shows itself.</summary>
    Long,
}
