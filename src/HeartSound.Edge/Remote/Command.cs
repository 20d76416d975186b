using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Remote;

/// <summary>What a device can be told, well-formed. Immutable.</summary>
internal abstract record Command
{
    /// <summary>The longest payload that is read, in bytes.</summary>
    public const int MostBytes = 4096;

    /// <summary>The longest id, in UTF-16 units.</summary>
    public const int MostIdChars = 64;

    /// <summary>The longest time that lamps can be muted for.</summary>
    public const double MostMuteMinutes = 60;

    /// <summary>Every name, as in the topic.</summary>
    public static IReadOnlyList<string> Names { get; } = [Examination.Name, Identify.Name, Mute.Name, RestartCapture.Name];

    /// <summary>An examination begins, or goes on at <paramref name="Site"/>; or it ends.</summary>
    public sealed record Examination(bool Starts, Site? Site) : Command
    {
        public const string Name = "examination";

        public override string ToString() => !Starts ? "stop" : Site is { } site ? $"start at {site.Code()}" : "start";
    }

    /// <summary>"It is me", for a while.</summary>
    public sealed record Identify : Command
    {
        public const string Name = "identify";

        public override string ToString() => "for a while";
    }

    /// <summary>The lamps show nothing but faults; zero ends it.</summary>
    public sealed record Mute(TimeSpan Duration) : Command
    {
        public const string Name = "mute";

        public override string ToString() => FormattableString.Invariant($"{Duration.TotalMinutes:0.##} min");
    }

    /// <summary>The stethoscope is closed and opened again.</summary>
    public sealed record RestartCapture : Command
    {
        public const string Name = "restart-capture";

        public override string ToString() => "now";
    }
}
