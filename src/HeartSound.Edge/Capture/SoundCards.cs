using System.Globalization;
using System.Text.RegularExpressions;

namespace HeartSound.Edge.Capture;

/// <summary>The sound cards of this machine, as the kernel tells them in <c>/proc/asound</c> and <c>/sys</c>. What cannot be read is not there.</summary>
/// <param name="root">Where <c>proc</c> and <c>sys</c> are; another place than <c>/</c> is for tests.</param>
public sealed partial class SoundCards(string root = "/")
{
    private readonly string _proc = Path.Combine(Path.GetFullPath(root), "proc");
    private readonly string _asound = Path.Combine(Path.GetFullPath(root), "proc/asound");
    private readonly string _sys = Path.Combine(Path.GetFullPath(root), "sys");

    /// <summary>The kernel's list as it is; another text means that a card came or went.</summary>
    public string Listing => Read(Path.Combine(_asound, "cards")) ?? "";

    /// <summary>The cards that are there now.</summary>
    public IReadOnlyList<SoundCard> Read() =>
        [.. CardLine().Matches(Listing).Select(line => Describe(int.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture), line.Groups[2].Value, line.Groups[3].Value.Trim()))];

    /// <summary>A file that is there exactly as long as the card of this number is.</summary>
    public string PresenceFile(SoundCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        return Path.Combine(_asound, string.Create(CultureInfo.InvariantCulture, $"card{card.Number}"), "id");
    }

    private SoundCard Describe(int number, string id, string name)
    {
        var card = string.Create(CultureInfo.InvariantCulture, $"card{number}");

        // The device of a USB card is an interface of it, such as 1-2.1:1.0; the link's own text has the name, wherever it leads.
        var link = new DirectoryInfo(Path.Combine(_sys, "class/sound", card, "device")).LinkTarget;
        var usb = link is null ? null : UsbInterface().Match(Path.GetFileName(link.TrimEnd('/')));
        var path = usb is { Success: true } ? usb.Groups[1].Value : null;
        var serial = path is null ? null : Read(Path.Combine(_sys, "bus/usb/devices", path, "serial"))?.Trim();
        return new SoundCard(number, Read(Path.Combine(_asound, card, "id"))?.Trim() ?? id, name, path, Read(Path.Combine(_asound, card, "usbid"))?.Trim().ToLowerInvariant(), serial is "" ? null : serial)
        {
            CanCapture = Captures(card).Length > 0,
            User = Captures(card).Select(c => Owner().Match(Read(Path.Combine(c, "sub0/status")) ?? "")).Where(m => m.Success).Select(m => Process(m.Groups[1].Value)).FirstOrDefault(),
        };
    }

    // pcm0c, pcm1c …: what can be listened to; pcm0p is for playing.
    private string[] Captures(string card)
    {
        try
        {
            return Directory.GetDirectories(Path.Combine(_asound, card), "pcm*c");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private string Process(string id) => Read(Path.Combine(_proc, id, "comm")) is { } name ? $"{name.Trim()} ({id})" : $"process {id}";

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // " 1 [Stethoscope    ]: USB-Audio - Virtual Stethoscope", and a second line that says where.
    [GeneratedRegex(@"^ *(\d+) \[([^\] ]+) *\]: .*? - (.*)$", RegexOptions.Multiline)]
    private static partial Regex CardLine();

    [GeneratedRegex(@"^owner_pid *: *(\d+)$", RegexOptions.Multiline)]
    private static partial Regex Owner();

    [GeneratedRegex(@"^(\d+-\d+(?:\.\d+)*):\d+\.\d+$")]
    private static partial Regex UsbInterface();
}
