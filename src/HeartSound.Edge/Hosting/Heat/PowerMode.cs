using System.Globalization;
using System.Text.RegularExpressions;

namespace HeartSound.Edge.Hosting.Heat;

/// <summary>
/// What nvpmodel is set to, by name: the number in <c>/var/lib/nvpmodel/status</c> (<c>pmode:0001</c>, which nvpmodel itself writes), else the default of
/// <c>/etc/nvpmodel.conf</c>, looked up among that file's <c>&lt; POWER_MODEL ID=1 NAME=5W &gt;</c>.
/// </summary>
internal static partial class PowerMode
{
    /// <summary>Null where there is no nvpmodel; <c>mode 3</c> where the mode has no name.</summary>
    /// <param name="configuration">Text of nvpmodel.conf; null where there is none.</param>
    /// <param name="status">Text of the status file; null where there is none.</param>
    public static string? Name(string? configuration, string? status)
    {
        var number = Status().Match(status ?? "") is { Success: true } set ? set.Groups[1].Value
            : Default().Match(configuration ?? "") is { Success: true } standard ? standard.Groups[1].Value
            : null;
        if (number is null || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return null;
        var mode = Mode().Matches(configuration ?? "").FirstOrDefault(m => int.TryParse(m.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var named) && named == id);
        return mode?.Groups[2].Value ?? FormattableString.Invariant($"mode {id}");
    }

    [GeneratedRegex(@"^\s*pmode:(\d+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Status();

    [GeneratedRegex(@"^<\s*PM_CONFIG\s+DEFAULT=(\d+)\s*>", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Default();

    [GeneratedRegex(@"^<\s*POWER_MODEL\s+ID=(\d+)\s+NAME=([^\s>]+)\s*>", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Mode();
}
