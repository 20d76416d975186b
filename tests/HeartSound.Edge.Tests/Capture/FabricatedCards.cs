using System.Globalization;
using HeartSound.Edge.Capture;

namespace HeartSound.Edge.Tests.Capture;

/// <summary>The trees <c>/proc/asound</c> and <c>/sys</c> of a machine with the cards that a test plugs in, removed on dispose.</summary>
internal sealed class FabricatedCards : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("heartsound-cards-").FullName;
    private readonly SortedDictionary<int, string> _lines = [];

    public FabricatedCards()
    {
        Directory.CreateDirectory(Path.Combine(_root, "proc/asound"));
        Directory.CreateDirectory(Path.Combine(_root, "sys/class/sound"));
        List();
    }

    public SoundCards Cards => new(_root);

    /// <summary>Says who listens to a card.</summary>
    public void Use(int number, int process, string name)
    {
        Directory.CreateDirectory(Path.Combine(_root, $"proc/{process}"));
        File.WriteAllText(Path.Combine(_root, $"proc/{process}/comm"), name + "\n");
        File.WriteAllText(Path.Combine(_root, $"proc/asound/card{number}/pcm0c/sub0/status"), $"state: RUNNING\nowner_pid   : {process}\ntrigger_time: 1.5\n");
    }

    public void Plug(int number, string id, string? usbPath = null, string? usbId = null, string? serial = null)
    {
        var card = $"card{number}";
        var proc = Directory.CreateDirectory(Path.Combine(_root, "proc/asound", card)).FullName;
        File.WriteAllText(Path.Combine(proc, "id"), id + "\n");
        Directory.CreateDirectory(Path.Combine(proc, "pcm0p"));
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(proc, "pcm0c/sub0")).FullName, "status"), "closed\n");
        if (usbId is not null) File.WriteAllText(Path.Combine(proc, "usbid"), usbId + "\n");
        var sys = Path.Combine(_root, "sys/class/sound", card);
        Directory.CreateDirectory(sys);

        // As the kernel has it: the link is relative to where the card really is, and cannot be followed from here.
        File.CreateSymbolicLink(Path.Combine(sys, "device"), usbPath is null ? "../../../0000:00:1b.0" : $"../../../{usbPath}:1.0");
        if (usbPath is not null)
        {
            var device = Directory.CreateDirectory(Path.Combine(_root, "sys/bus/usb/devices", usbPath)).FullName;
            if (serial is not null) File.WriteAllText(Path.Combine(device, "serial"), serial + "\n");
        }

        _lines[number] = string.Create(CultureInfo.InvariantCulture, $"{number,2} [{id,-15}]: USB-Audio - Example {id}\n                      Example Medical {id} at usb-0000:00:14.0-1, high speed\n");
        List();
    }

    public void Pull(int number)
    {
        Directory.Delete(Path.Combine(_root, $"proc/asound/card{number}"), recursive: true);
        Directory.Delete(Path.Combine(_root, $"sys/class/sound/card{number}"), recursive: true);
        _lines.Remove(number);
        List();
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void List() => File.WriteAllText(Path.Combine(_root, "proc/asound/cards"), _lines.Count == 0 ? "--- no soundcards ---\n" : string.Concat(_lines.Values));
}
