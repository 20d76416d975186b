using System.Text.Json.Nodes;
using HeartSound.Native.Gpiod;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>What it means that a GPIO line cannot be had.</summary>
internal static class GpioFinding
{
    // The name under which this program takes lines.
    private const string OurConsumer = "'heartsound'";

    public static Finding Of(string id, string where, GpioException e, JsonObject? details) => e.Fault switch
    {
        GpioFault.Busy when e.Message.Contains(OurConsumer, StringComparison.Ordinal) => new Finding(id, FindingLevel.Ok, $"{where}: our own service has them right now", null, details),
        GpioFault.Forbidden => new Finding(id, FindingLevel.Failed, $"{where}: {e.Message}", "The user must be in the group 'gpio', and /dev/gpiochip* belong to it: see 'groups', and install systemd/heartsound.rules.", details),
        GpioFault.Busy => new Finding(id, FindingLevel.Failed, $"{where}: {e.Message}", "Stop the program that has it, or take another pin in a board file of your own (docs/lights.md).", details),
        _ => new Finding(id, FindingLevel.Failed, $"{where}: {e.Message}", "Is lights.board the board of this machine? 'gpiodetect' shows the labels of its chips.", details),
    };
}
