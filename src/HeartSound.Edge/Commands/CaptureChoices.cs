using System.CommandLine;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Health;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Commands;

/// <summary>The options that say which microphone is the stethoscope.</summary>
internal sealed class CaptureChoices
{
    private readonly Option<string?> _usbPath = new("--usb-path") { Description = "USB port of the stethoscope, such as 1-2.1.", HelpName = "PATH" };
    private readonly Option<string?> _usbId = new("--usb-id") { Description = "vendor:product[:serial] of the stethoscope, such as 1209:5a7e.", HelpName = "ID" };
    private readonly Option<string?> _alsaCard = new("--alsa-card") { Description = "ALSA card id of the stethoscope, as in /proc/asound/cards between [ and ].", HelpName = "ID" };
    private readonly Option<string?> _name = new("--capture-name") { Description = "A part of the stethoscope's name.", HelpName = "TEXT" };
    private readonly Option<int> _channel = new("--channel") { Description = "Channel to listen to, counted from 1.", HelpName = "N", DefaultValueFactory = _ => 1 };

    public IReadOnlyList<Option> Options => [_usbPath, _usbId, _alsaCard, _name, _channel];

    /// <exception cref="SetupException">The channel is out of range.</exception>
    public Stethoscope Stethoscope(ParseResult parsed, DeviceProgress progress, ILoggerFactory logs)
    {
        var options = new CaptureOptions
        {
            UsbPath = parsed.GetValue(_usbPath),
            UsbId = parsed.GetValue(_usbId),
            AlsaCard = parsed.GetValue(_alsaCard),
            Name = parsed.GetValue(_name),
            Channel = parsed.GetValue(_channel),
        };
        if (options.Channel is < 1 or > 32) throw new SetupException($"--channel is {options.Channel}, must be 1 to 32.");
        return new Stethoscope(options, new DeviceHealth(TimeProvider.System, logs.CreateLogger<DeviceHealth>()), progress, logs, TimeProvider.System);
    }
}
