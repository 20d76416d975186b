namespace HeartSound.Edge.Capture;

/// <summary>A sound card of ALSA, by what it is.</summary>
/// <param name="Number">As it is now; changes from plug to plug.</param>
/// <param name="Id">As in <c>/proc/asound/cards</c> between [ and ].</param>
/// <param name="Name">For people.</param>
/// <param name="UsbPath">USB port, such as <c>1-2.1</c>; null for a card that is not on USB.</param>
/// <param name="UsbId">vendor:product, four hexadecimal digits each, in small letters; null for a card that is not on USB.</param>
/// <param name="Serial">What the device says is its serial number; null when it says nothing.</param>
/// <param name="CanCapture">Whether it has anything to listen to.</param>
/// <param name="User">The process that listens to it now, such as <c>arecord (1234)</c>; null when nobody does.</param>
public sealed record SoundCard(int Number, string Id, string Name, string? UsbPath, string? UsbId, string? Serial, bool CanCapture = true, string? User = null)
{
    public bool IsUsb => UsbPath is not null || UsbId is not null;
}
