using System.Text.Json;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Doctor;

/// <summary>All findings, as programs read them (docs/doctor.md).</summary>
/// <param name="Findings">In the order of the probes.</param>
/// <param name="At">When they were made.</param>
public sealed record DoctorReport(IReadOnlyList<Finding> Findings, DateTimeOffset At)
{
    /// <summary>Of this format.</summary>
    public int Schema { get; } = 1;

    /// <summary>Release of this program.</summary>
    public string Software { get; } = VerdictStamp.Software;

    /// <summary>The worst of all.</summary>
    public FindingLevel Level => Findings.Select(f => f.Level).Append(FindingLevel.Ok).Max();

    public string ToJson() => JsonSerializer.Serialize(new { Schema, Software, At, Level, Findings }, EdgeJson.Indented);
}
