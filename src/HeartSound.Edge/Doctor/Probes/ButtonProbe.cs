using System.Text.Json.Nodes;
using HeartSound.Edge.Commands;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Native.Gpiod;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether the button's line can be had with its edges, and whether nobody presses it.</summary>
internal static class ButtonProbe
{
    public static Probe Create() => new("button", "button", Probe.Quick, (facts, _) =>
    {
        if (!facts.Settings.Button.Enabled) return new Finding("button", FindingLevel.NotApplicable, "no button is wanted (button.enabled is false)");
        Indicators indicators;
        try
        {
            indicators = Indicators.Create(facts.Settings.Lights, facts.Root);
        }
        catch (SetupException)
        {
            return new Finding("button", FindingLevel.NotApplicable, "the board is not known; see 'lamps'");
        }

        if (indicators is not { Board: { Button: { } button } board, OpenButton: { } open }) return new Finding("button", FindingLevel.NotApplicable, "this machine has no button");
        var line = board.Pins[button.Pin];
        var where = $"pin {button.Pin} of {board.Title} (line {line.Line} of '{line.Chip}')";
        var details = new JsonObject { ["pin"] = button.Pin, ["chip"] = line.Chip, ["line"] = line.Line };
        try
        {
            using var input = open();
            var pressed = input.Read();
            details["pressed"] = pressed;
            details["pullUp"] = input.HasPullUp;
            return pressed
                ? new Finding("button", FindingLevel.Warning, $"{where} is pressed right now", input.HasPullUp ? "Let go of it; if nobody touches it, it hangs or its wire has a short." : "Let go of it; if nobody touches it, the pin needs a resistor of 10 kΩ to 3.3 V: this kernel cannot switch its own on.", details)
                : new Finding("button", FindingLevel.Ok, $"{where}, not pressed", null, details);
        }
        catch (GpioException e)
        {
            return GpioFinding.Of("button", where, e, details);
        }
    });
}
