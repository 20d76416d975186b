using System.Text.Json.Nodes;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Export.Fhir;

/// <summary>What was heard, as an Observation. It has a value, or a reason why there is none, and never both (FHIR's obs-6).</summary>
internal sealed class FhirObservation(CodeSystems codes, JsonObject? subject)
{
    private const string BeatsPerMinute = "/min";

    public JsonObject Resource(VerdictMessage verdict, Hearing hearing) => FhirElement.Object(
        ("resourceType", "Observation"),
        ("id", hearing.Id.ToString()),
        ("meta", FhirElement.Tag()),
        ("status", "preliminary"),
        ("category", FhirElement.List(FhirElement.Concept([new FhirCode(FhirCode.ObservationCategory, "exam", "Exam")]))),
        ("code", FhirElement.Concept([.. codes.Classification, Measure("heart-sound-classification", "Class of the heart sounds, by a network")])),
        ("subject", subject?.DeepClone()),
        ("effectiveDateTime", FhirElement.Instant(verdict.Time)),
        ("_effectiveDateTime", Clock(verdict)),
        ("issued", FhirElement.Instant(verdict.Time)),
        ("valueCodeableConcept", hearing.Reason is null ? Answer(hearing.Verdict) : null),
        ("dataAbsentReason", hearing.Reason is { } reason ? Absent(reason, reason == verdict.Reason ? verdict.Advice : null) : null),
        ("interpretation", FhirElement.List(FhirElement.Concept([Interpretation(hearing.Alarm)]))),
        ("note", FhirElement.List(Notes(verdict).Select(FhirElement.Note))),
        ("bodySite", hearing.Site is { } site ? BodySite(site) : null),
        ("method", FhirElement.Concept([.. codes.Method, FhirCode.Own("method", "network", "Network over a log-mel picture of the sound")], $"{verdict.Model.Id} {verdict.Model.Version}")),
        ("device", FhirElement.Reference(FhirDevice.Id(verdict))),
        ("hasMember", FhirElement.List(hearing.Members.Select(FhirElement.Reference))),
        ("component", Components(hearing)));

    /// <summary>The verdict as a value: our own word, and what the code systems have for it.</summary>
    public JsonObject Answer(string label) => FhirElement.Concept([.. codes.Labels.GetValueOrDefault(label) ?? [], FhirCode.Own("label", label)], label);

    /// <summary>What everybody who reads this should know.</summary>
    public static IEnumerable<string> Notes(VerdictMessage verdict)
    {
        yield return $"{FhirElement.ResearchTool}. It must not be used to diagnose, to treat, or to decide not to.";
        if (verdict.ClockSynced == false) yield return "The device's clock was not set when this was said: the time is not to be relied on.";
        if (verdict.ClockSynced is null) yield return "The device did not know whether its clock was set when this was said: the time may be wrong.";
    }

    /// <summary>On every time: whether it can be believed.</summary>
    public static JsonObject Clock(VerdictMessage verdict) => FhirElement.Object(("extension", FhirElement.List(FhirElement.Extension("clock", "valueCode", verdict.ClockSynced switch
    {
        true => "synced",
        false => "unsynced",
        null => "unknown",
    }))));

    private static FhirCode Measure(string code, string display) => FhirCode.Own("measure", code, display);

    private static FhirCode Interpretation(bool? alarm) => alarm switch
    {
        true => new(FhirCode.Interpretation, "A", "Abnormal"),
        false => new(FhirCode.Interpretation, "N", "Normal"),
        null => new(FhirCode.Interpretation, "IND", "Indeterminate"),
    };

    private JsonObject Absent(InconclusiveReason reason, string? advice)
    {
        var word = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(reason.ToString());
        return FhirElement.Concept([new FhirCode(FhirCode.AbsentReason, codes.AbsentReasons[reason]), FhirCode.Own("inconclusive-reason", word, VerdictText.Words(reason))], advice ?? reason.Advice());
    }

    private JsonObject BodySite(Site site)
    {
        var (code, area) = site switch
        {
            Site.Aortic => ("AV", "Aortic area: second intercostal space, right of the sternum"),
            Site.Pulmonary => ("PV", "Pulmonary area: second intercostal space, left of the sternum"),
            Site.Tricuspid => ("TV", "Tricuspid area: fourth intercostal space, left of the sternum"),
            _ => ("MV", "Mitral area: the apex of the heart"),
        };
        return FhirElement.Concept([.. codes.Sites[site], FhirCode.Own("site", code, area)], area);
    }

    private JsonArray Components(Hearing hearing)
    {
        var components = FhirElement.List(
            Component([.. codes.AlarmProbability, Measure("alarm-probability", "Probability that something is wrong")], hearing.AlarmProbability, "probability", "1"),
            Component([.. codes.Confidence, Measure("confidence", "Probability of the side that the verdict is on")], hearing.Confidence, "probability", "1"),
            Component([.. codes.QualityScore, Measure("quality-score", "Quality of the sound, 0 worthless to 1 excellent")], hearing.Quality.Score, "score", "1"),
            Component([.. codes.GoodSeconds, Measure("good-seconds", "Sound that was good enough to judge")], hearing.Quality.GoodSeconds, "s", "s"),
            Component([.. codes.HeartRate, Measure("heart-rate", "Heart rate, from the sound")], hearing.HeartRateBpm, "beats/minute", BeatsPerMinute));
        foreach (var (label, probability) in hearing.Probabilities)
        {
            var found = hearing.Findings is { } findings && hearing.Reason is null ? findings.Contains(label) : (bool?)null;
            components.Add(Component([FhirCode.Own("label-probability", label, $"Probability of {label}")], probability, "probability", "1", found));
        }

        return components;
    }

    /// <param name="what">Whose value it is.</param>
    /// <param name="value">Null when it was not found out.</param>
    /// <param name="unit">For people.</param>
    /// <param name="ucum">For programs.</param>
    /// <param name="found">Whether it is one of the findings; null where that is no question.</param>
    private static JsonObject Component(IEnumerable<FhirCode> what, double? value, string unit, string ucum, bool? found = null) => FhirElement.Object(
        ("code", FhirElement.Concept(what)),
        ("valueQuantity", value is { } known ? FhirElement.Quantity(known, unit, ucum) : null),
        ("dataAbsentReason", value is null ? FhirElement.Concept([new FhirCode(FhirCode.AbsentReason, "unknown", "Unknown")]) : null),
        ("interpretation", found switch
        {
            true => FhirElement.List(FhirElement.Concept([new FhirCode(FhirCode.Interpretation, "POS", "Positive")])),
            false => FhirElement.List(FhirElement.Concept([new FhirCode(FhirCode.Interpretation, "NEG", "Negative")])),
            null => null,
        }));
}
