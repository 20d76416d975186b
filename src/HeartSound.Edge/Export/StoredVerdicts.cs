using System.Text;
using System.Text.Json;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Export;

/// <summary>
/// Verdicts that were kept somewhere, each once and in the order in which they were first seen: JSON lines, as <c>--json</c>, MQTT or an outbox give them. A line that is
/// no verdict is named and left out. Of the same verdict twice the one whose clock was set is kept: a device stamps again what it said before it knew the time.
/// </summary>
internal sealed class StoredVerdicts(TextWriter errors)
{
    /// <summary>Bad lines that are named one by one; of more only the number is said.</summary>
    private const int MaxNamed = 20;

    private readonly Dictionary<Guid, int> _places = [];
    private readonly List<(string Line, VerdictMessage Message)> _verdicts = [];
    private int _bad;

    public IEnumerable<VerdictMessage> Messages => _verdicts.Select(v => v.Message);

    /// <summary>As they were read, with what this program does not know.</summary>
    public IEnumerable<string> Lines => _verdicts.Select(v => v.Line);

    public int Count => _verdicts.Count;

    /// <summary>Seen again, and left out.</summary>
    public int Repeated { get; private set; }

    /// <summary>Whether something could not be read.</summary>
    public bool HasFaults { get; private set; }

    /// <summary>Takes every line of a stream; empty ones say nothing.</summary>
    public void Read(string source, TextReader lines)
    {
        var number = 0;
        while (lines.ReadLine() is { } line)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line)) Take(line, $"{source}:{number}");
        }

        if (_bad > MaxNamed) errors.WriteLine($"… and {_bad - MaxNamed} more that are no verdicts.");
        _bad = 0;
    }

    /// <summary>Says that a source cannot be read at all.</summary>
    public void Miss(string source, string why)
    {
        HasFaults = true;
        errors.WriteLine($"{source}: cannot be read whole: {why}");
    }

    /// <summary>Takes one verdict.</summary>
    /// <param name="line">Its JSON.</param>
    /// <param name="place">Where it stands, for people.</param>
    public void Take(string line, string place)
    {
        VerdictMessage message;
        try
        {
            message = VerdictMessage.FromJson(Encoding.UTF8.GetBytes(line));
            if (Contradiction(message) is { } contradiction) throw new JsonException(contradiction);
        }
        catch (JsonException e)
        {
            HasFaults = true;
            if (++_bad <= MaxNamed) errors.WriteLine($"{place}: no verdict, and left out: {e.Message.ReplaceLineEndings(" ")}");
            return;
        }

        if (!_places.TryGetValue(message.Id, out var known))
        {
            _places[message.Id] = _verdicts.Count;
            _verdicts.Add((line, message));
            return;
        }

        Repeated++;
        if (message.ClockSynced == true && _verdicts[known].Message.ClockSynced != true) _verdicts[known] = (line, message);
    }

    /// <summary>What is wrong with a message that has all of its fields: nobody may make a "normal" of one that says two things at once. Null when nothing is.</summary>
    private static string? Contradiction(VerdictMessage verdict)
    {
        if (!Topics.IsDeviceName(verdict.Device)) return "device is no name of a device";
        if (verdict.Sequence < 1) return "sequence must be 1 or more";
        string[] words = [verdict.Verdict, verdict.Model.Id, verdict.Model.Version, verdict.Model.Sha256, verdict.Provider, verdict.Software];
        if (words.Any(string.IsNullOrWhiteSpace)) return "verdict, model, provider and software may not be empty";
        if (Contradicts(verdict.Verdict, verdict.Alarm, verdict.Reason, verdict.AlarmProbability, verdict.Probabilities) is { } wrong) return wrong;
        foreach (var site in verdict.Examination.Sites ?? [])
        {
            if (Contradicts(site.Verdict, site.Alarm, site.Reason, site.AlarmProbability, site.Probabilities) is { } wrongThere) return $"site {site.Site}: {wrongThere}";
        }

        return null;
    }

    private static string? Contradicts(string answer, bool? alarm, InconclusiveReason? reason, double? alarmProbability, IReadOnlyDictionary<string, double> probabilities)
    {
        if (string.IsNullOrWhiteSpace(answer)) return "verdict may not be empty";
        var isInconclusive = answer == Verdict.Inconclusive;
        if (isInconclusive != reason is not null || isInconclusive != alarm is null) return $"'{answer}' does not go with its reason and alarm";
        if (probabilities.Any(p => string.IsNullOrWhiteSpace(p.Key) || p.Value is not (>= 0 and <= 1))) return "a probability is not between 0 and 1";
        return alarmProbability is null or (>= 0 and <= 1) ? null : "alarmProbability is not between 0 and 1";
    }
}
