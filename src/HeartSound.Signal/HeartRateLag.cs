namespace HeartSound.Signal;

/// <summary>
/// Finds the lag of one beat in the correlation of the loudness. A beat has two sounds, so the correlation has peaks at systole (S1 to S2) and at
/// diastole (S2 to the next S1) besides the beat, and one at every multiple of the beat: the octave errors.
/// </summary>
internal static class HeartRateLag
{
    public const double MinBpm = 30;
    public const double MaxBpm = 220;

    /// <summary>At two beats the correlation is high as well, at two systoles it is not: it counts half as much as that at one.</summary>
    private const double SecondBeatWeight = 0.5;

    /// <summary>Correlation that a lag must make up for each factor e away from <see cref="UsualSeconds"/>.</summary>
    private const double RarityCost = 0.2;
    private const double UsualSeconds = 0.8;

    /// <summary>A half or a third of the lag is taken for the beat where the correlation there is this share of that at the whole. Systole and diastole
    /// of one length reach less, as S1 and S2 differ; two or three beats taken for one reach about 1.</summary>
    private const double PartShare = 0.9;

    /// <summary>The lag in envelope values, between two of them, or NaN where nothing repeats.</summary>
    /// <param name="correlation">From lag 0 to <see cref="Length"/>, or as far as a short sound shows it. In that case a lag is the beat only where it is a
    /// peak, and its double counts only where it is shown.</param>
    /// <param name="rateHz">Envelope values a second.</param>
    public static double Find(ReadOnlySpan<double> correlation, double rateHz)
    {
        var first = (int)Math.Ceiling(60 / MaxBpm * rateHz);
        var last = Math.Min((int)(60 / MinBpm * rateHz), correlation.Length - 2);
        var isShort = correlation.Length < Length(rateHz);
        var best = -1;
        var bestScore = double.NegativeInfinity;
        for (var lag = first; lag <= last; lag++)
        {
            if (correlation[lag] <= 0 || (isShort && !IsPeak(correlation, lag))) continue;
            var second = 2 * lag < correlation.Length ? correlation[2 * lag] : correlation[lag];
            var repeats = (correlation[lag] + SecondBeatWeight * second) / (1 + SecondBeatWeight);
            var score = repeats - RarityCost * Math.Abs(Math.Log(lag / (UsualSeconds * rateHz)));
            if (score <= bestScore) continue;
            bestScore = score;
            best = lag;
        }

        if (best < 0) return double.NaN;
        for (var part = PartOf(correlation, best, first); part > 0; part = PartOf(correlation, best, first)) best = part;
        return Refine(correlation, best);
    }

    /// <summary>Correlations needed, from lag 0.</summary>
    public static int Length(double rateHz) => 2 * (int)(60 / MinBpm * rateHz) + 2;

    /// <summary>The half or third of the lag that is a peak high enough to be the beat itself, or −1.</summary>
    private static int PartOf(ReadOnlySpan<double> correlation, int lag, int first)
    {
        for (var parts = 2; parts <= 3; parts++)
        {
            var from = (int)Math.Floor(0.95 * lag / parts);
            var to = (int)Math.Ceiling(1.05 * lag / parts);
            if (from < first) return -1;
            var peak = from;
            for (var k = from + 1; k <= to; k++) if (correlation[k] > correlation[peak]) peak = k;
            if (IsPeak(correlation, peak) && correlation[peak] >= PartShare * correlation[lag]) return peak;
        }

        return -1;
    }

    private static bool IsPeak(ReadOnlySpan<double> r, int lag) => r[lag] >= r[lag - 1] && r[lag] >= r[lag + 1];

    /// <summary>Vertex of the parabola through the lag and its neighbours.</summary>
    private static double Refine(ReadOnlySpan<double> r, int lag)
    {
        var bend = r[lag - 1] - 2 * r[lag] + r[lag + 1];
        return IsPeak(r, lag) && bend < 0 ? lag + 0.5 * (r[lag - 1] - r[lag + 1]) / bend : lag;
    }
}
