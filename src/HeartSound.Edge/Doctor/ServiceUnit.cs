using System.Globalization;

namespace HeartSound.Edge.Doctor;

/// <summary>How systemd says that the service is. Immutable.</summary>
/// <param name="HasSystemd">Whether this machine was started by systemd.</param>
/// <param name="Properties">What <c>systemctl show</c> says; empty where it says nothing.</param>
/// <param name="Pid">Of the service's process; null when it does not run.</param>
internal sealed record ServiceUnit(bool HasSystemd, IReadOnlyDictionary<string, string> Properties, int? Pid)
{
    public const string Name = "heartsound.service";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Whether the unit is installed.</summary>
    public bool IsInstalled => Properties.GetValueOrDefault("LoadState") == "loaded";

    /// <summary>Asks systemd and the kernel.</summary>
    public static ServiceUnit Look()
    {
        var hasSystemd = Directory.Exists("/run/systemd/system");
        var shown = hasSystemd
            ? SystemTool.Run(Limit, "systemctl", "show", Name, "--no-pager", "--property=LoadState,ActiveState,SubState,UnitFileState,NRestarts,MainPID,Result,StatusText,FragmentPath,ActiveEnterTimestamp,User")
            : null;
        var properties = (shown ?? "").Split('\n').Select(line => line.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        var main = int.TryParse(properties.GetValueOrDefault("MainPID"), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid : (int?)null;
        return new ServiceUnit(hasSystemd, properties, main);
    }

    /// <summary>Whether process (or thread) <paramref name="pid"/> is a heartsound that listens.</summary>
    public static bool IsListening(int pid) => pid != Environment.ProcessId && Arguments(pid) is { Length: > 1 } arguments
        && arguments.SkipWhile(a => Path.GetFileName(a) is not ("heartsound.dll" or "heartsound")).Skip(1).FirstOrDefault() == "run";

    /// <summary>How a process was started; null when it is not there.</summary>
    public static string[]? Arguments(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
