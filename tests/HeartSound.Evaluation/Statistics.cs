namespace HeartSound.Evaluation;

internal static class Statistics
{
    private const int Resamples = 1000;

    /// <summary>A share with Wilson's interval.</summary>
    public static Row Share(string measure, string subset, IReadOnlyCollection<bool> values)
    {
        const double z = 1.959964;
        double n = values.Count, p = n > 0 ? values.Count(v => v) / n : double.NaN;
        var centre = (p + z * z / (2 * n)) / (1 + z * z / n);
        var half = z / (1 + z * z / n) * Math.Sqrt(p * (1 - p) / n + z * z / (4 * n * n));
        return new Row(measure, subset, values.Count, p, centre - half, centre + half);
    }

    /// <summary>Area under the ROC curve, with the interval of a bootstrap over groups (recordings of one subject stay together).</summary>
    public static Row Auroc(string measure, string subset, IReadOnlyCollection<(double Score, bool Good, string Group)> values)
    {
        var groups = values.GroupBy(v => v.Group, (_, members) => members.Select(m => (m.Score, m.Good)).ToArray()).ToArray();
        var value = Auroc(values.Select(v => (v.Score, v.Good)));
        var random = new Random(1);
        var drawn = new List<double>();
        for (var i = 0; i < Resamples; i++)
        {
            var sample = new List<(double, bool)>(values.Count);
            for (var g = 0; g < groups.Length; g++) sample.AddRange(groups[random.Next(groups.Length)]);
            var auroc = Auroc(sample);
            if (!double.IsNaN(auroc)) drawn.Add(auroc);
        }

        drawn.Sort();
        return new Row(measure, subset, values.Count, value, Quantile(drawn, 0.025), Quantile(drawn, 0.975));
    }

    /// <summary>Chance that a good one scores above another; ties count half. NaN when one kind is missing.</summary>
    public static double Auroc(IEnumerable<(double Score, bool Good)> values)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted, static (a, b) => a.Score.CompareTo(b.Score));
        double good = 0, other = 0, wins = 0;
        for (var i = 0; i < sorted.Length;)
        {
            double tiedGood = 0, tiedOther = 0;
            var score = sorted[i].Score;
            for (; i < sorted.Length && sorted[i].Score == score; i++)
            {
                if (sorted[i].Good) tiedGood++;
                else tiedOther++;
            }

            wins += tiedGood * (other + tiedOther / 2);
            good += tiedGood;
            other += tiedOther;
        }

        return good > 0 && other > 0 ? wins / (good * other) : double.NaN;
    }

    private static double Quantile(List<double> sorted, double q) => sorted.Count == 0 ? double.NaN : sorted[(int)(q * (sorted.Count - 1))];
}
