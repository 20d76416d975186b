namespace HeartSound.Edge.Hosting.Heat;

/// <summary>Heat and power of this machine at one moment. Everything is absent where the kernel does not say it, as on most machines but a Jetson.</summary>
public sealed record HeatReading
{
    public static readonly HeatReading Nothing = new();

    /// <summary>Every zone that could be read, in the kernel's order.</summary>
    public IReadOnlyList<HeatZone> Zones { get; init; } = [];

    /// <summary>The zone that decides; null where none could be read.</summary>
    public HeatZone? Hottest { get; init; }

    /// <summary>What slows itself down because of heat, such as <c>cpu-balanced</c>; empty when nothing does.</summary>
    public IReadOnlyList<string> ThrottledBy { get; init; } = [];

    /// <summary>Whether the board slows itself down because of heat.</summary>
    public bool Throttled => ThrottledBy.Count > 0;

    /// <summary>What nvpmodel is set to, such as <c>MAXN</c> or <c>5W</c>; null where there is none.</summary>
    public string? PowerMode { get; init; }

    /// <summary>Null where the board does not count them.</summary>
    public PowerEvents? PowerEvents { get; init; }
}
