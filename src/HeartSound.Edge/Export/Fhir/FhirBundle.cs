using System.Globalization;
using System.Text.Json.Nodes;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Export.Fhir;

/// <summary>
/// FHIR R4 bundles of verdicts: for each a DiagnosticReport, its Observations, and the Device. The same verdict gives the same bytes. Nothing is in it that the verdict
/// does not say: no patient but the one that is named, and no time but the verdict's.
/// </summary>
/// <param name="codes">Which words stand on what.</param>
/// <param name="subject">Reference to who was listened to; null when nobody said.</param>
internal sealed class FhirBundle(CodeSystems codes, string? subject)
{
    private readonly JsonObject? _subject = subject is null ? null : FhirElement.Object(("reference", subject));

    /// <summary>One Bundle of all of them; a device that gave several stands in it once.</summary>
    public JsonObject Of(params IReadOnlyList<VerdictMessage> verdicts)
    {
        var entries = new JsonArray();
        var devices = new HashSet<Guid>();
        foreach (var verdict in verdicts)
        {
            var hearings = Hearing.Of(verdict);
            entries.Add(Entry(Report(verdict, hearings)));
            var observations = new FhirObservation(codes, _subject);
            foreach (var hearing in hearings) entries.Add(Entry(observations.Resource(verdict, hearing)));
            if (devices.Add(FhirDevice.Id(verdict))) entries.Add(Entry(FhirDevice.Resource(verdict, codes)));
        }

        return FhirElement.Object(
            ("resourceType", "Bundle"),
            ("id", FhirId.Of($"bundle/{string.Join('/', verdicts.Select(v => v.Id))}").ToString()),
            ("meta", FhirElement.Tag()),
            ("identifier", verdicts is [var only] ? Identifier(only) : null),
            ("type", "collection"),
            ("entry", entries));
    }

    private static JsonObject Entry(JsonObject resource) => FhirElement.Object(("fullUrl", FhirElement.Url(Guid.Parse((string)resource["id"]!))), ("resource", resource));

    private static JsonObject Identifier(VerdictMessage verdict) => FhirElement.Object(("system", "urn:ietf:rfc:3986"), ("value", FhirElement.Url(verdict.Id)));

    private JsonObject Report(VerdictMessage verdict, IReadOnlyList<Hearing> hearings)
    {
        var observations = new FhirObservation(codes, _subject);
        IEnumerable<string> answers = verdict.Findings is { Count: > 0 } findings ? findings : [verdict.Verdict];
        return FhirElement.Object(
            ("resourceType", "DiagnosticReport"),
            ("id", FhirId.Of($"{verdict.Id}/report").ToString()),
            ("meta", FhirElement.Tag()),
            ("extension", FhirElement.List(FhirObservation.Notes(verdict).Select(n => FhirElement.Extension("note", "valueString", n)))),
            ("identifier", FhirElement.List(
                Identifier(verdict),
                FhirElement.Object(("system", $"urn:uuid:{verdict.Series}"), ("value", verdict.Sequence.ToString(CultureInfo.InvariantCulture))))),
            ("status", "preliminary"),
            ("code", FhirElement.Concept([.. codes.Examination, FhirCode.Own("measure", "heart-sound-examination", "Examination of the heart sounds by a device")])),
            ("subject", _subject?.DeepClone()),
            ("effectiveDateTime", FhirElement.Instant(verdict.Time)),
            ("_effectiveDateTime", FhirObservation.Clock(verdict)),
            ("issued", FhirElement.Instant(verdict.Time)),
            ("result", FhirElement.List(hearings.Select(h => FhirElement.Reference(h.Id)))),
            ("conclusion", Conclusion(verdict)),
            ("conclusionCode", FhirElement.List(answers.Select(observations.Answer))));
    }

    private static string Conclusion(VerdictMessage verdict)
    {
        var said = verdict.Reason is { } reason
            ? $"Inconclusive ({VerdictText.Words(reason)}): the device could not tell, and says neither normal nor abnormal. {verdict.Advice}"
            : string.Create(CultureInfo.InvariantCulture, $"{verdict.Verdict}, {verdict.Confidence:P0} sure.");
        return $"{said.Trim()} {FhirElement.ResearchTool}.";
    }
}
