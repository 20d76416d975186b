using System.Globalization;
using System.Text.RegularExpressions;
using HeartSound.Native.PortAudio;

namespace HeartSound.Edge.Capture;

/// <summary>A microphone: how PortAudio reaches it, and the card that it is.</summary>
/// <param name="Audio">Of the session that listed it.</param>
/// <param name="Card">Null for what is no card of ALSA, such as <c>pulse</c>, <c>default</c> and the devices of JACK: they have a name and nothing else.</param>
public sealed partial record CaptureDevice(PortAudioDevice Audio, SoundCard? Card)
{
    /// <summary>Everything that it can be chosen by, on one line.</summary>
    public string Identity => Card is null
        ? $"'{Audio.Name}'"
        : string.Join(", ", new[] { $"'{Audio.Name}'", Card.UsbPath is null ? null : $"usbPath {Card.UsbPath}", FullUsbId is null ? null : $"usbId {FullUsbId}", $"alsaCard {Card.Id}" }.OfType<string>());

    /// <summary>vendor:product, and :serial where it has one.</summary>
    public string? FullUsbId => Card?.UsbId is not { } id ? null : Card.Serial is { } serial ? $"{id}:{serial}" : id;

    /// <summary>False for a card that PortAudio does not list: it lists only what it could open, so another program has it, or this user may not.</summary>
    public bool CanBeOpened => Audio.Index >= 0;

    /// <summary>The devices that can be listened to, with their cards, and the cards that could be but for whoever is in the way.</summary>
    public static IReadOnlyList<CaptureDevice> Join(IEnumerable<PortAudioDevice> devices, IReadOnlyList<SoundCard> cards)
    {
        var listed = devices.Where(d => d.MaxInputChannels > 0).Select(d => new CaptureDevice(d, CardOf(d.Name, cards))).ToList();
        var hidden = cards.Where(c => c.CanCapture && listed.All(d => d.Card != c));
        return [.. listed, .. hidden.Select(c => new CaptureDevice(new PortAudioDevice(-1, $"{c.Name} (hw:{c.Number})", "ALSA", 0, 0, 0, 0), c))];
    }

    private static SoundCard? CardOf(string name, IReadOnlyList<SoundCard> cards)
    {
        var place = Place().Match(name);
        return place.Success ? cards.FirstOrDefault(c => c.Number == int.Parse(place.Groups[1].ValueSpan, CultureInfo.InvariantCulture)) : null;
    }

    // "Virtual Stethoscope: USB Audio (hw:1,0)"
    [GeneratedRegex(@"\(hw:(\d{1,4}),\d+\)$")]
    private static partial Regex Place();
}
