using System.Text.Json.Nodes;

namespace HeartSound.Edge.Export.Fhir;

/// <summary>A word of a vocabulary (FHIR's Coding). Immutable.</summary>
/// <param name="System">URI of the vocabulary.</param>
/// <param name="Code">The word in it.</param>
/// <param name="Display">How the vocabulary says it to people.</param>
internal sealed record FhirCode(string System, string Code, string? Display = null)
{
    public const string Loinc = "http://loinc.org";
    public const string Snomed = "http://snomed.info/sct";
    public const string Ucum = "http://unitsofmeasure.org";
    public const string AbsentReason = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
    public const string Interpretation = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
    public const string ObservationCategory = "http://terminology.hl7.org/CodeSystem/observation-category";

    /// <summary>What is said with a word of our own: no standard has one.</summary>
    public static FhirCode Own(string what, string code, string? display = null) => new($"urn:heartsound-edge:{what}", code, display);

    public JsonObject ToJson() => FhirElement.Object(("system", System), ("code", FhirElement.Line(Code)), ("display", Display is null ? null : FhirElement.Line(Display)));
}
