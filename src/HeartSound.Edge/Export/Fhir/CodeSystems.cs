using System.Text.Json;
using System.Text.RegularExpressions;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Export.Fhir;

/// <summary>
/// Which words of public vocabularies stand on what (<c>docs/fhir.md</c>). Our own word always stands beside them, so that nothing is lost where a list is empty. A file of
/// this form (<c>--code-systems</c>) replaces the lists that it names. Immutable.
/// </summary>
internal sealed partial record CodeSystems
{
    /// <summary>What the report is about.</summary>
    public IReadOnlyList<FhirCode> Examination { get; init; } = [new(FhirCode.Loinc, "80276-9", "Heart sounds")];

    /// <summary>What an observation says: what the network made of the sound.</summary>
    public IReadOnlyList<FhirCode> Classification { get; init; } = [new(FhirCode.Loinc, "80276-9", "Heart sounds")];

    public IReadOnlyList<FhirCode> AlarmProbability { get; init; } = [];

    public IReadOnlyList<FhirCode> Confidence { get; init; } = [];

    public IReadOnlyList<FhirCode> QualityScore { get; init; } = [];

    public IReadOnlyList<FhirCode> GoodSeconds { get; init; } = [];

    public IReadOnlyList<FhirCode> HeartRate { get; init; } = [new(FhirCode.Loinc, "8867-4", "Heart rate")];

    public IReadOnlyList<FhirCode> Method { get; init; } = [new(FhirCode.Snomed, "37931006", "Auscultation (procedure)")];

    public IReadOnlyList<FhirCode> Device { get; init; } = [];

    /// <summary>Where the chest piece was. The codes name the valve that is listened to there: SNOMED CT is not known to name the four places on the chest.</summary>
    public IReadOnlyDictionary<Site, IReadOnlyList<FhirCode>> Sites { get; init; } = new Dictionary<Site, IReadOnlyList<FhirCode>>();

    /// <summary>By label of a model. Empty by default: what this tool hears is no diagnosis, and gets no code of one.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<FhirCode>> Labels { get; init; } = new Dictionary<string, IReadOnlyList<FhirCode>>();

    /// <summary>Codes of HL7's data-absent-reason by our reasons.</summary>
    public IReadOnlyDictionary<InconclusiveReason, string> AbsentReasons { get; init; } = new Dictionary<InconclusiveReason, string>();

    private static readonly Dictionary<Site, IReadOnlyList<FhirCode>> DefaultSites = new()
    {
        [Site.Aortic] = [new(FhirCode.Snomed, "34202007", "Aortic valve structure (body structure)")],
        [Site.Pulmonary] = [new(FhirCode.Snomed, "39057004", "Pulmonary valve structure (body structure)")],
        [Site.Tricuspid] = [new(FhirCode.Snomed, "46030003", "Tricuspid valve structure (body structure)")],
        [Site.Mitral] = [new(FhirCode.Snomed, "91134007", "Mitral valve structure (body structure)")],
    };

    /// <summary>What holds without a file.</summary>
    public static CodeSystems Default { get; } = new CodeSystems().Completed();

    /// <summary>error: the signal was at fault; temp-unknown: listening again may tell; unknown: it was heard well, and nobody knows.</summary>
    private static string DefaultAbsentReason(InconclusiveReason reason) => reason switch
    {
        InconclusiveReason.Interrupted or InconclusiveReason.NoSignal or InconclusiveReason.FlatLine or InconclusiveReason.Clipped => "error",
        InconclusiveReason.Uncertain => "unknown",
        _ => "temp-unknown",
    };

    /// <exception cref="FormatException">It is no such file; the message says why.</exception>
    public static CodeSystems Parse(string json)
    {
        try
        {
            var read = JsonSerializer.Deserialize<CodeSystems>(json, EdgeJson.Strict) ?? throw new FormatException("holds null");
            var lists = new[] { read.Examination, read.Classification, read.AlarmProbability, read.Confidence, read.QualityScore, read.GoodSeconds, read.HeartRate, read.Method, read.Device };
            foreach (var code in lists.Concat(read.Sites.Values).Concat(read.Labels.Values).SelectMany(c => c))
            {
                if (!Uri.IsWellFormedUriString(code.System, UriKind.Absolute) || !Word().IsMatch(code.Code) || code.Display is { } display && string.IsNullOrWhiteSpace(display))
                    throw new FormatException($"'{code.System}' '{code.Code}' is no code: system must be an absolute URI, code and display may not be empty");
            }

            if (read.AbsentReasons.Values.FirstOrDefault(r => !Word().IsMatch(r)) is { } wrong) throw new FormatException($"'{wrong}' is no code");
            return read.Completed();
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>As a file that <see cref="Parse"/> takes.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EdgeJson.Indented);

    private CodeSystems Completed() => this with
    {
        Sites = Enum.GetValues<Site>().ToDictionary(s => s, s => Sites.GetValueOrDefault(s) ?? DefaultSites[s]),
        AbsentReasons = Enum.GetValues<InconclusiveReason>().ToDictionary(r => r, r => AbsentReasons.GetValueOrDefault(r) ?? DefaultAbsentReason(r)),
    };

    [GeneratedRegex(@"^[^\s]+(\s[^\s]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
