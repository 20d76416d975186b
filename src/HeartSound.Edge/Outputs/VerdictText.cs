using System.Globalization;
using HeartSound.Edge.Pipeline;
using Spectre.Console;

namespace HeartSound.Edge.Outputs;

/// <summary>Verdicts in words and Spectre markup. Every verdict has a sign of its own, so that colour is never the only difference.</summary>
internal static class VerdictText
{
    /// <summary>A sign and a word, coloured: <c>● normal</c>, <c>▲ abnormal</c>, <c>? inconclusive</c>.</summary>
    public static string Badge(string verdict, bool? alarm) => alarm switch
    {
        null => $"[yellow]? {Markup.Escape(verdict)}[/]",
        true => $"[bold red]▲ {Markup.Escape(verdict)}[/]",
        false => $"[green]● {Markup.Escape(verdict)}[/]",
    };

    /// <summary>One line on one verdict.</summary>
    public static string Line(VerdictMessage message)
    {
        var parts = new List<string>
        {
            $"[grey]{message.Time.ToLocalTime():HH:mm:ss}[/] {Markup.Escape(message.Device)} #{message.Sequence}",
            Badge(message.Verdict, message.Alarm),
        };
        if (message.Examination.Sites is { } sites) parts.Add($"at {string.Join(", ", sites.Select(s => s.Site.Code()))}");
        if (message.AlarmProbability is { } alarm) parts.Add(string.Create(CultureInfo.InvariantCulture, $"alarm {alarm:P0}"));
        if (message.Reason is { } reason) parts.Add($"{Words(reason)}: {Markup.Escape(message.Advice ?? "")}");
        parts.Add(HeartRate(message.HeartRateBpm));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{message.Quality.GoodSeconds:0.0} of {message.Examination.EndSeconds - message.Examination.StartSeconds:0.0} s good"));
        if (message.Examination.Recording is { } recording) parts.Add($"[grey]{Markup.Escape(recording)}[/]");
        return string.Join("  ", parts);
    }

    public static string HeartRate(double? bpm) => bpm is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:0} bpm") : "- bpm";

    /// <summary>A reason in words: <c>TooQuiet</c> becomes <c>too quiet</c>.</summary>
    public static string Words(Enum value)
    {
        var name = value.ToString();
        return string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));
    }
}
