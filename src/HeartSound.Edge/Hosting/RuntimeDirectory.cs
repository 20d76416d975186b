namespace HeartSound.Edge.Hosting;

/// <summary>Where a service keeps what is about this run alone; systemd names it, and takes it away when the service ends.</summary>
internal static class RuntimeDirectory
{
    /// <summary>The unit's, for who looks at the service from outside.</summary>
    public const string OfTheUnit = "/run/heartsound";

    /// <summary>A file in it; null where nobody named one.</summary>
    public static string? File(string name) => Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY") is { Length: > 0 } folders ? Path.Combine(folders.Split(':')[0], name) : null;
}
