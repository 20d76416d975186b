using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Capture;

/// <summary>Which stethoscope the device listens to: by what it is, never by a number that changes. The first rule that is set and matches exactly one device wins;
/// where none is set, the only USB microphone.</summary>
public sealed record CaptureOptions
{
    [Description("USB port that the stethoscope is plugged into, as the kernel writes it ('heartsound doctor' shows it), such as 1-2.1.")]
    [RegularExpression(@"^[0-9]+-[0-9]+(\.[0-9]+)*$", ErrorMessage = "a USB port as the kernel writes it, such as 1-2 or 1-2.1")]
    public string? UsbPath { get; init; }

    [Description("What the stethoscope is: vendor:product in hexadecimal, and its serial number where there are several, such as 1209:5a7e or 1209:5a7e:STETH-0001.")]
    [RegularExpression("^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(:.+)?$", ErrorMessage = "vendor:product in four hexadecimal digits each, such as 1209:5a7e, or vendor:product:serial")]
    public string? UsbId { get; init; }

    [Description("Its ALSA card id, as in /proc/asound/cards between [ and ], such as Stethoscope.")]
    [RegularExpression("^(?![0-9]+$)[A-Za-z0-9_-]{1,15}$", ErrorMessage = "an ALSA card id of 1 to 15 letters, digits, '-' or '_' (a number alone changes at every plug)")]
    public string? AlsaCard { get; init; }

    [Description("A part of its name as PortAudio shows it, in any case.")]
    public string? Name { get; init; }

    [Description("Channel to listen to, counted from 1.")]
    [Range(1, 32)]
    public int Channel { get; init; } = 1;

    [Description("Sample rate to ask for, in hertz; without it the device's own.")]
    [Range(2000, 192000)]
    public int? SampleRateHz { get; init; }
}
