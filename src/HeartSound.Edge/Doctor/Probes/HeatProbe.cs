using System.Text.Json.Nodes;
using HeartSound.Edge.Hosting.Heat;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>How hot the machine is, whether it slows itself down, and whether it gets the power that it needs.</summary>
internal static class HeatProbe
{
    public static Probe Create() => new("heat", "heat and power", Probe.Quick, (facts, _) =>
    {
        var reading = new HeatSensors(facts.Root).Read();
        var options = facts.Settings.Heat;
        if (reading is { Hottest: null, PowerMode: null, PowerEvents: null, Throttled: false }) return new Finding("heat", FindingLevel.NotApplicable, "this machine tells no temperatures");
        var details = new JsonObject
        {
            ["zones"] = new JsonObject(reading.Zones.GroupBy(z => z.Name, StringComparer.Ordinal).Select(z => KeyValuePair.Create(z.Key, (JsonNode?)z.Max(zone => zone.Celsius)))),
            ["throttledBy"] = new JsonArray([.. reading.ThrottledBy.Select(t => JsonValue.Create(t))]),
            ["powerMode"] = reading.PowerMode,
            ["underVoltageEvents"] = reading.PowerEvents?.UnderVoltage,
            ["overCurrentEvents"] = reading.PowerEvents is { } p ? p.AverageOverCurrent + p.OverCurrent : null,
        };
        var text = string.Join(", ", new[]
        {
            reading.Hottest is { } hottest ? FormattableString.Invariant($"{hottest.Name} {hottest.Celsius:0.0} °C is the hottest of {reading.Zones.Count} zones") : "no temperatures",
            reading.PowerMode is { } mode ? $"power mode {mode}" : null,
        }.OfType<string>());
        return reading.Hottest?.Celsius >= options.PauseAboveCelsius ? new Finding("heat", FindingLevel.Failed, $"{text}: so hot that the device pauses", "Let air to it, out of the sun; clean or fit a fan.", details)
            : reading.Hottest?.Celsius >= options.SlowAboveCelsius ? new Finding("heat", FindingLevel.Warning, $"{text}: so hot that every second window is left out", "Let air to it, out of the sun; clean or fit a fan.", details)
            : reading.Throttled ? new Finding("heat", FindingLevel.Warning, $"{text}; the board slows itself down ({string.Join(", ", reading.ThrottledBy)})", "Let air to it, out of the sun; clean or fit a fan.", details)
            : reading.PowerEvents?.UnderVoltage > 0 ? new Finding("heat", FindingLevel.Warning, $"{text}; the voltage fell too low {reading.PowerEvents.UnderVoltage} times since the board was switched on", "Use a stronger power supply or a shorter cable.", details)
            : new Finding("heat", FindingLevel.Ok, text, null, details);
    });
}
