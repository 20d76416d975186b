using System.Text.RegularExpressions;

namespace HeartSound.Edge.Outputs;

/// <summary>The MQTT topics of version 1 of the contract (<c>docs/mqtt/</c>).</summary>
public static partial class Topics
{
    public const string Root = "heartsound";

    /// <summary>Every device's verdicts.</summary>
    public const string AllVerdicts = Root + "/+/verdict";

    /// <summary>Every device's status.</summary>
    public const string AllStatuses = Root + "/+/status";

    public static string Status(string device) => $"{Root}/{device}/status";

    /// <summary>Every command to a device.</summary>
    public static string Commands(string device) => $"{Root}/{device}/cmd/+";

    public static string Command(string device, string name) => $"{Root}/{device}/cmd/{name}";

    public static string State(string device, string name) => $"{Root}/{device}/state/{name}";

    public static string Live(string device) => $"{Root}/{device}/live";

    public static string Health(string device) => $"{Root}/{device}/health";

    public static string Verdict(string device) => $"{Root}/{device}/verdict";

    public static string LatestVerdict(string device) => $"{Root}/{device}/verdict/latest";

    /// <summary>Whether a device may be called that: letters, digits, '-' and '_', at most 64.</summary>
    public static bool IsDeviceName(string name) => DeviceName().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DeviceName();
}
