namespace HeartSound.Edge.Hosting;

/// <summary>
/// Whether an update wants in: a file in the runtime directory that the updater touches while it works (docs/updates.md). One that it left behind when it was killed counts for
/// nothing after a while. Thread-safe.
/// </summary>
/// <param name="file">Null where there is no runtime directory, and so no updater.</param>
/// <param name="time">Wall clock, which is what files are dated by.</param>
internal sealed class UpdateHold(string? file, TimeProvider time)
{
    /// <summary>In the runtime directory.</summary>
    public const string FileName = "updating";

    /// <summary>How long the file counts after it was touched. In the future too: the clock may be set back while it is there.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromMinutes(15);

    /// <summary>Whether no new examination shall begin.</summary>
    public bool IsActive => file is not null && File.Exists(file) && (time.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(file)).Duration() < Validity;

    /// <summary>Of this service, as systemd says where its runtime directory is.</summary>
    public static UpdateHold FromEnvironment(TimeProvider time) => new(RuntimeDirectory.File(FileName), time);
}
