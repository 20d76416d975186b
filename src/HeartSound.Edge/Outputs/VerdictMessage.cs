using System.Text.Json;
using System.Text.Json.Serialization;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Outputs;

/// <summary>
/// A verdict as it leaves the device, version 1 of the contract (<c>docs/mqtt/verdict.schema.json</c>). Fields are only ever added.
/// No name or number of a patient is in it. Immutable.
/// </summary>
public sealed record VerdictMessage : DeviceMessage
{
    /// <summary>Of this verdict alone: a consumer drops what it has seen.</summary>
    public required Guid Id { get; init; }

    /// <summary>Of the numbering: <see cref="Sequence"/> counts within it, also over restarts. A new one begins with a new outbox.</summary>
    public required Guid Series { get; init; }

    /// <summary>1, 2, 3 … without a hole: a consumer sees what it has missed.</summary>
    public required long Sequence { get; init; }

    public required ExaminationPart Examination { get; init; }

    /// <summary>One of the model's labels, or <c>inconclusive</c>; several findings are joined by '+', none of them is <c>normal</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>Whether the verdict says that something is wrong with the heart; null when inconclusive.</summary>
    public bool? Alarm { get; init; }

    /// <summary>What was found, one label each; empty when nothing is wrong, null when inconclusive (and from devices that do not say).</summary>
    public IReadOnlyList<string>? Findings { get; init; }

    /// <summary>Why it is inconclusive; null when it is not.</summary>
    public InconclusiveReason? Reason { get; init; }

    /// <summary>What to do now, in words for a person; null when the verdict is not inconclusive.</summary>
    public string? Advice { get; init; }

    /// <summary>Calibrated, of every label.</summary>
    public required IReadOnlyDictionary<string, double> Probabilities { get; init; }

    /// <summary>That one of the alarm labels holds.</summary>
    public double? AlarmProbability { get; init; }

    /// <summary>Of the side the verdict is on; null when inconclusive.</summary>
    public double? Confidence { get; init; }

    public double? HeartRateBpm { get; init; }

    public required VerdictQuality Quality { get; init; }

    public required ModelPart Model { get; init; }

    /// <summary>What really ran the network, for most of the windows.</summary>
    public required string Provider { get; init; }

    /// <summary>What was asked to run it, what ran each window, and why it is not the same; null from devices that do not say.</summary>
    public EngineUse? Engine { get; init; }

    /// <summary>From the last sample to the verdict, in milliseconds.</summary>
    public double LatencyMs { get; init; }

    /// <summary>Version of this program.</summary>
    public required string Software { get; init; }

    /// <summary>As one line of JSON, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EdgeJson.Compact);

    /// <exception cref="JsonException">It is no verdict of a version that this program knows.</exception>
    public static VerdictMessage FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<VerdictMessage>(json, EdgeJson.Compact) is { Schema: 1 } message ? message : throw new JsonException("not a verdict of schema 1");
}

/// <summary>What was listened to.</summary>
public sealed record ExaminationPart
{
    public required Guid Id { get; init; }

    /// <summary>Where the chest piece was; null when nobody said, or when it was at several.</summary>
    public Site? Site { get; init; }

    /// <summary>What was heard at each site, in the order in which they were listened to; null when nobody named one.</summary>
    public IReadOnlyList<SitePart>? Sites { get; init; }

    /// <summary>Where in the stream the evidence starts, in seconds.</summary>
    public double StartSeconds { get; init; }

    /// <summary>Where in the stream the evidence ends, in seconds.</summary>
    public double EndSeconds { get; init; }

    /// <summary>File name of a replayed recording, when the person who replays it asked for that: it may name a patient.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Recording { get; init; }
}

/// <summary>Which model spoke.</summary>
/// <param name="Id">Name of the model.</param>
/// <param name="Version">Of the model.</param>
/// <param name="Sha256">Of its file, lower-case hexadecimal.</param>
public sealed record ModelPart(string Id, string Version, string Sha256)
{
    public static ModelPart Of(ModelBundle model) => new(model.Manifest.Id, model.Manifest.Version, model.Sha256);
}
