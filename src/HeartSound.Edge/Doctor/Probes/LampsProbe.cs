using System.Text.Json.Nodes;
using HeartSound.Edge.Commands;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Native.Gpiod;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether the lamps of the header can be had: board, chips by their labels, lines. They are taken as the service takes them, and stay dark; 'heartsound lights' lights them.</summary>
internal static class LampsProbe
{
    public static Probe Create() => new("lamps", "lamps", Probe.Quick, (facts, _) =>
    {
        Indicators indicators;
        try
        {
            indicators = Indicators.Create(facts.Settings.Lights, facts.Root);
        }
        catch (SetupException e)
        {
            return new Finding("lamps", FindingLevel.Failed, e.Message, "docs/lights.md says which boards there are and how to write a file for another.");
        }

        if (indicators.Board is not { } board)
            return new Finding("lamps", FindingLevel.NotApplicable, facts.Settings.Lights.Kind switch
            {
                LightKind.Terminal => "the lights are shown on the terminal",
                LightKind.None => "no lamps are wanted (lights.kind is none)",
                _ => "this machine is no board that is known, so it has no lamps",
            });
        var chips = new GpioChips(Path.Combine(facts.Root, "dev"));
        var details = new JsonObject
        {
            ["board"] = board.Name,
            ["library"] = chips.Library,
            ["chips"] = new JsonArray([.. chips.List().Select(c => new JsonObject { ["path"] = c.Path, ["label"] = c.Label, ["lines"] = c.Lines, ["fault"] = c.Fault })]),
            ["lamps"] = new JsonArray([.. board.Lamps.All.Select(l => new JsonObject { ["lamp"] = l.Lamp.ToString(), ["pin"] = l.Pin.Pin, ["chip"] = board.Pins[l.Pin.Pin].Chip, ["line"] = board.Pins[l.Pin.Pin].Line })]),
        };
        var where = $"{board.Title}, pins {string.Join(", ", board.Lamps.All.Select(l => l.Pin.Pin))}";
        try
        {
            using var lamps = indicators.OpenLamps!();
            lamps.Set(Lamps.None);
            return lamps.Read() is { } lit and not Lamps.None
                ? new Finding("lamps", FindingLevel.Failed, $"{where}: told to be dark, and {lit} says that it is lit", "Look at the wiring: something else drives the pin.", details)
                : new Finding("lamps", FindingLevel.Ok, $"{where}, {lamps.Name}", null, details);
        }
        catch (GpioException e)
        {
            return GpioFinding.Of("lamps", where, e, details);
        }
    });
}
