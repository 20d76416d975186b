using System.Globalization;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Classification;

/// <summary>How many recordings came out how.</summary>
internal sealed class ClassifySummary
{
    private readonly SortedDictionary<string, int> _answers = new(StringComparer.Ordinal);

    public int Failed { get; private set; }
    public int Recordings { get; private set; }
    public double Seconds { get; private set; }

    public void Add(RecordingResult result)
    {
        Recordings++;
        Seconds += result.Seconds;
        if (result.Verdict is not { } verdict)
        {
            Failed++;
            return;
        }

        _answers[verdict.Answer] = _answers.GetValueOrDefault(verdict.Answer) + 1;
    }

    public string Line(TimeSpan elapsed)
    {
        var answers = _answers.OrderBy(a => a.Key == Verdict.Inconclusive).Select(a => $"{a.Value} {a.Key}").ToList();
        if (Failed > 0) answers.Add($"{Failed} failed");
        return string.Create(CultureInfo.InvariantCulture,
            $"{Recordings} recordings: {string.Join(", ", answers)}. {Seconds / 60:0.0} minutes of sound in {elapsed.TotalSeconds:0.0} s. A research tool, not a medical device.");
    }
}
