using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace HeartSound.Edge.Doctor;

/// <summary>What one probe found.</summary>
/// <param name="Id">Of the probe; stable.</param>
/// <param name="Level">How well.</param>
/// <param name="Message">For a person.</param>
/// <param name="Fix">What to do; null when nothing is to do.</param>
/// <param name="Details">Figures and names for programs; never a secret.</param>
public sealed record Finding(string Id, FindingLevel Level, string Message, string? Fix = null, JsonObject? Details = null)
{
    /// <summary>Whether the probe still hangs somewhere.</summary>
    [JsonIgnore]
    public bool HasHung { get; init; }
}
