using System.Text.Json;
using HeartSound.Edge.Health;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Hosting;

/// <summary>
/// How the service is right now, for who is on the same machine: <c>heartsound health</c>, and so the updater (docs/updates.md). Written by <see cref="StateFile"/>. Fields are only ever
/// added. Immutable.
/// </summary>
internal sealed record ServiceState
{
    /// <summary>In the runtime directory.</summary>
    public const string FileName = "state.json";

    /// <summary>How old it may be before the service counts as hung; it is written every <see cref="StateFile.Period"/>.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(15);

    public int Schema { get; init; } = 1;
    public required string Software { get; init; }

    /// <summary>Version of the bundle that the program came in; null where it came in none.</summary>
    public required string? Release { get; init; }

    public required Guid Session { get; init; }

    /// <summary>Wall-clock time, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Seconds since the machine started, by a clock that nobody sets; together with <see cref="BootId"/> what its age is told by.</summary>
    public required double Monotonic { get; init; }

    public required Guid BootId { get; init; }

    /// <summary>Whether the model is loaded and this machine reproduces its goldens.</summary>
    public required bool Ready { get; init; }

    /// <summary>The worst of all parts.</summary>
    public required PartLevel Level { get; init; }

    public required Scene Scene { get; init; }
    public required ExaminationPart Examination { get; init; }

    /// <summary>Whether nobody would miss the device: no examination is under way, and no verdict has just come.</summary>
    public required bool Idle { get; init; }

    /// <summary>Whether no examination begins, because an update wants in.</summary>
    public required bool Held { get; init; }

    public required string? Provider { get; init; }
    public required ModelPart? Model { get; init; }
    public required BrokerPart Broker { get; init; }
    public required IReadOnlyDictionary<DevicePart, PartHealth> Parts { get; init; }

    /// <param name="Phase">Between one verdict and the next.</param>
    /// <param name="Id">Of the examination under way; null when there is none.</param>
    public sealed record ExaminationPart(ExaminationPhase Phase, Guid? Id);

    /// <param name="Configured">Whether the settings name one.</param>
    /// <param name="Connected">Whether it has taken this device.</param>
    /// <param name="Host">Null where none is configured.</param>
    public sealed record BrokerPart(bool Configured, bool Connected, string? Host);

    /// <summary>As one line of JSON, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EdgeJson.Compact);

    /// <exception cref="JsonException">It is no state that this program knows.</exception>
    public static ServiceState FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<ServiceState>(json, EdgeJson.Compact) is { Schema: 1 } state ? state : throw new JsonException("not a state of schema 1");

    /// <summary>How old it is; null when it is of another start of the machine. Whatever the wall clock says.</summary>
    public TimeSpan? AgeAt(Moment now) => now.BootId == BootId ? TimeSpan.FromSeconds(now.MonotonicSeconds - Monotonic) : null;

    /// <summary>Whether it is as new as that of a service that lives.</summary>
    public bool IsFreshAt(Moment now) => AgeAt(now) < Freshness;
}
