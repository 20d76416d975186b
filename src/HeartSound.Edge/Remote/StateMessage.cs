using System.Text.Json;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Remote;

/// <summary>What became of a command, and how what it is about is now (<c>docs/mqtt/state.schema.json</c>): the answer to a command, and what a device says by itself when it changes. Immutable.</summary>
public sealed record StateMessage : DeviceMessage
{
    /// <summary>Name of the command.</summary>
    public required string Command { get; init; }

    /// <summary>What its sender called it; null when he did not, and where the device speaks by itself.</summary>
    public string? CommandId { get; init; }

    public required CommandResult Result { get; init; }

    /// <summary>Why it was refused; null when it was not.</summary>
    public CommandCause? Cause { get; init; }

    /// <summary>The same for a person; null when it was not refused.</summary>
    public string? Message { get; init; }

    /// <summary>How it is now, refused or not: <see cref="ExaminationValue"/>, <see cref="UntilValue"/> or <see cref="NoValue"/>.</summary>
    public required object Value { get; init; }

    /// <summary>As one line of JSON, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EdgeJson.Compact);
}

/// <summary>Where the examination is.</summary>
/// <param name="Phase">Between one verdict and the next.</param>
/// <param name="Site">Where the chest piece is now; null when nobody said, and between two sites.</param>
/// <param name="Examination">Of the examination under way; the same as in its verdict.</param>
/// <param name="Sites">Sites of it that were heard already, in order.</param>
public sealed record ExaminationValue(ExaminationPhase Phase, Site? Site, Guid? Examination, IReadOnlyList<Site> Sites)
{
    public static ExaminationValue Of(ExaminationState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new(state.Phase, state.Site, state.Id, state.Heard);
    }
}

/// <summary>Until when it lasts.</summary>
/// <param name="Until">Null when it does not.</param>
public sealed record UntilValue(DateTimeOffset? Until);

/// <summary>There is nothing to say.</summary>
public sealed record NoValue;
