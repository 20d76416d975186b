using System.Globalization;

namespace HeartSound.Edge.Hosting.Heat;

/// <summary>
/// Reads what the kernel and nvpmodel say about heat and power. What is not there, cannot be read or makes no sense is left out without a word: zones of a part that is
/// switched off refuse to be read, and that is no fault. For one thread.
/// </summary>
/// <param name="root">Root of the file system, for tests; <c>/</c> on a device.</param>
public sealed class HeatSensors(string root = "/")
{
    // Of the power chip of a Jetson Nano and TX2: it reads 100 °C whatever the temperature is.
    private const string ConstantZone = "PMIC-Die";

    // Outside of these a value is no temperature. A Tegra zone that is switched off reads -256 °C.
    private const double LeastCelsius = -40, MostCelsius = 150;

    private readonly string _thermal = Path.Combine(root, "sys/class/thermal");
    private readonly string _hwmon = Path.Combine(root, "sys/class/hwmon");
    private string? _powerModes;

    /// <summary>Everything, now. Some dozens of small reads from memory; never throws for what the machine lacks.</summary>
    public HeatReading Read()
    {
        var zones = Folders(_thermal, "thermal_zone*").Select(Zone).OfType<HeatZone>().ToList();
        return new HeatReading
        {
            Zones = zones,
            Hottest = zones.MaxBy(z => z.Celsius),
            ThrottledBy = Folders(_thermal, "cooling_device*").Select(Throttling).OfType<string>().Distinct().ToList(),
            PowerMode = PowerMode.Name(_powerModes ??= Text(Path.Combine(root, "etc/nvpmodel.conf")), Text(Path.Combine(root, "var/lib/nvpmodel/status"))),
            PowerEvents = Folders(_hwmon, "hwmon*").Select(Events).FirstOrDefault(e => e is not null),
        };
    }

    private static HeatZone? Zone(string folder)
    {
        if (Text(Path.Combine(folder, "type")) is not { Length: > 0 } name || name.Equals(ConstantZone, StringComparison.OrdinalIgnoreCase)) return null;
        return Number(Path.Combine(folder, "temp")) is { } thousandths && thousandths / 1000.0 is >= LeastCelsius and <= MostCelsius and var celsius ? new HeatZone(name, celsius) : null;
    }

    /// <summary>Name of a cooling device that slows the processor or the graphics down, and does so now; a fan is none. JetPack 4 calls them <c>cpu-balanced</c> and
    /// <c>gpu-balanced</c>, JetPack 5 and 6 <c>cpu-throttle-alert</c> and so on.</summary>
    private static string? Throttling(string folder) =>
        Text(Path.Combine(folder, "type")) is { } type
            && (type.EndsWith("-balanced", StringComparison.OrdinalIgnoreCase) || type.EndsWith("-throttle-alert", StringComparison.OrdinalIgnoreCase))
            && Number(Path.Combine(folder, "cur_state")) > 0
            ? type : null;

    private static PowerEvents? Events(string folder) =>
        Number(Path.Combine(folder, "oc1_event_cnt")) is { } underVoltage
            ? new PowerEvents(underVoltage, Number(Path.Combine(folder, "oc2_event_cnt")) ?? 0, Number(Path.Combine(folder, "oc3_event_cnt")) ?? 0)
            : null;

    private static IEnumerable<string> Folders(string folder, string pattern)
    {
        try
        {
            return Directory.GetDirectories(folder, pattern).OrderBy(f => f.Length).ThenBy(f => f, StringComparer.Ordinal); // zone 2 before zone 10
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long? Number(string file) => long.TryParse(Text(file), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Text(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // a zone that is switched off says EAGAIN
        }
    }
}
