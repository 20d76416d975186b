using System.Text;

namespace HeartSound.Edge.Metrics.Prometheus;

/// <summary>Names as Prometheus has them, by OpenTelemetry's rules for compatibility: <c>heartsound.stage.duration</c> in s is <c>heartsound_stage_duration_seconds</c>.</summary>
internal static class PrometheusName
{
    /// <summary>Of a metric, with its unit, without the <c>_total</c> of a counter's samples.</summary>
    public static string Of(string name, string? unit)
    {
        var plain = Letters(name);
        var word = Word(unit);
        return word.Length == 0 || plain.EndsWith('_' + word, StringComparison.Ordinal) ? plain : $"{plain}_{word}";
    }

    /// <summary>Letters, digits and underscores, not beginning with a digit.</summary>
    public static string Letters(string name)
    {
        var letters = new StringBuilder(name.Length);
        foreach (var c in name) letters.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        if (letters.Length == 0 || char.IsAsciiDigit(letters[0])) letters.Insert(0, '_');
        return letters.ToString();
    }

    /// <summary>A unit as a word: what is merely counted, <c>{verdict}</c>, has none.</summary>
    public static string Word(string? unit) => unit switch
    {
        null or "" => "",
        "s" => "seconds",
        "By" => "bytes",
        "Cel" => "celsius",
        ['{', ..] => "",
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "has no word yet"),
    };
}
