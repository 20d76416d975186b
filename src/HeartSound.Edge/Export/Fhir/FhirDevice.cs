using System.Text.Json.Nodes;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Export.Fhir;

/// <summary>The device that gave a verdict, as it was then: another model or program makes another resource with the same identifier.</summary>
internal static class FhirDevice
{
    public static Guid Id(VerdictMessage verdict) =>
        FhirId.Of($"device/{verdict.Device}/{verdict.Software}/{verdict.Model.Id}/{verdict.Model.Version}/{verdict.Model.Sha256}/{verdict.Provider}");

    public static JsonObject Resource(VerdictMessage verdict, CodeSystems codes) => FhirElement.Object(
        ("resourceType", "Device"),
        ("id", Id(verdict).ToString()),
        ("meta", FhirElement.Tag()),
        ("identifier", FhirElement.List(FhirElement.Object(("system", "urn:heartsound-edge:device"), ("value", verdict.Device)))),
        ("deviceName", FhirElement.List(FhirElement.Object(("name", verdict.Device), ("type", "user-friendly-name")))),
        ("type", FhirElement.Concept([.. codes.Device, FhirCode.Own("device-type", "heart-sound-classifier", "Electronic stethoscope with a classifier of heart sounds")])),
        ("version", FhirElement.List(
            Version("software", "Version of the program", verdict.Software),
            Version("model", "Name and version of the model", $"{verdict.Model.Id} {verdict.Model.Version}"),
            Version("model-sha256", "SHA-256 of the model's file", verdict.Model.Sha256),
            Version("provider", "What ran the network", verdict.Provider))),
        ("note", FhirElement.List(FhirElement.Note($"{FhirElement.ResearchTool}."))));

    private static JsonObject Version(string code, string display, string value) =>
        FhirElement.Object(("type", FhirElement.Concept([FhirCode.Own("version-type", code, display)])), ("value", value));
}
