using HeartSound.Edge.Records;

namespace HeartSound.Edge.Doctor;

/// <summary>Where the service keeps things: what systemd says, or said that it would.</summary>
internal static class DoctorFolders
{
    public static string State => First("STATE_DIRECTORY", "/var/lib/heartsound");

    public static string Cache => First("CACHE_DIRECTORY", "/var/cache/heartsound");

    public static string Records(RecordOptions options) => options.Folder ?? Path.Combine(State, "records");

    // systemd separates several folders with a colon; ours is the first.
    private static string First(string variable, string standard) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folders ? folders.Split(':')[0] : standard;
}
