using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace HeartSound.Edge.Doctor.Bundle;

/// <summary>
/// Takes out of a text what must not leave the device: passwords, keys, names of users, and verdicts, which say how somebody's heart is. It goes by patterns and is the last net, not the first: files
/// that hold secrets are never read. Immutable.
/// </summary>
/// <param name="names">User names to take out wherever they stand.</param>
internal sealed partial class Scrubber(IEnumerable<string?> names)
{
    public const string Removed = "(removed)";
    private const string Verdict = "(a verdict was here)";

    // Shorter ones stand in too many other words.
    private readonly List<string> _names = [.. names.OfType<string>().Where(n => n.Length >= 3 && n != "root" && n != "heartsound")];

    /// <summary>Every line of it.</summary>
    public string Text(string text) => string.Join('\n', text.Split('\n').Select(Line));

    /// <summary>Every text in it, in place.</summary>
    public JsonNode? Json(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map.ToList()) map[name] = Json(value?.DeepClone());
                return map;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++) list[i] = Json(list[i]?.DeepClone());
                return list;
            case JsonValue value when value.TryGetValue<string>(out var text):
                return JsonValue.Create(Text(text));
            default:
                return node;
        }
    }

    private string Line(string line)
    {
        if (VerdictLine().IsMatch(line)) return $"{Stamp().Match(line).Value}{Verdict}";
        line = UserOfUrl().Replace(line, "://" + Removed + "@");
        line = Secret().Replace(line, m => m.Groups[1].Value + Removed);
        line = Key().Replace(line, Removed);
        line = Home().Replace(line, "$1" + Removed);
        foreach (var name in _names) line = line.Replace(name, Removed, StringComparison.OrdinalIgnoreCase);
        return line;
    }

    // How verdicts look on the terminal, as JSON and in words.
    [GeneratedRegex(@"#\d+\s+[●▲?]|[●▲?] (?:normal|abnormal|inconclusive)|\d bpm\b|""(?:verdict|heartRateBpm|alarmProbability)""|\b(?:abnormal|inconclusive)\b", RegexOptions.CultureInvariant)]
    private static partial Regex VerdictLine();

    // What journalctl writes before a message: time, host, program.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\S+ \S+ \S+ ", RegexOptions.CultureInvariant)]
    private static partial Regex Stamp();

    [GeneratedRegex(@"://[^/\s@]+@", RegexOptions.CultureInvariant)]
    private static partial Regex UserOfUrl();

    [GeneratedRegex(@"((?:pass(?:word|phrase|wd)?|pwd|secret|token|credential|(?<!\.)key|user(?:name)?)[""']?\s*[:=]\s*[""']?)(?![/(])[^\s""',;]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\b[0-9A-Fa-f]{64}\b", RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    [GeneratedRegex(@"(/home/)[^/\s""':]+", RegexOptions.CultureInvariant)]
    private static partial Regex Home();
}
