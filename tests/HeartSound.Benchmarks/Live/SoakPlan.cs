using HeartSound.Signal;

namespace HeartSound.Benchmarks.Live;

/// <summary>
/// What hours of sound with gaps must come to, by arithmetic alone: where the gaps lie, where each verdict comes, how many windows there are. The rules are those of
/// <c>Examinations</c> and <c>FrontEnd</c>, told a second time.
/// </summary>
internal sealed record SoakPlan(int SampleRateHz, long EndSample, IReadOnlyList<(long At, int Lost)> Gaps, IReadOnlyList<double> VerdictSeconds, long Windows)
{
    /// <summary>Gaps of 0.1 to 3 s come every 7 to 13 minutes.</summary>
    public static SoakPlan Of(FrontEndSpec spec, int sampleRateHz, double hours, double examinationSeconds)
    {
        var latency = new FrontEnd(spec, sampleRateHz, (in _) => { }).LatencySeconds;
        var endSample = (long)(hours * 3600 * sampleRateHz);
        var random = new Random(1);
        var gaps = new List<(long, int)>();
        for (var at = 0L; ;)
        {
            at += (long)((7 + 6 * random.NextDouble()) * 60 * sampleRateHz);
            if (at >= endSample) break;
            gaps.Add((at, (int)((0.1 + 2.9 * random.NextDouble()) * sampleRateHz)));
            at += gaps[^1].Item2;
        }

        long windows = 0, stretch = 0, windowsBefore = 0;
        double start = 0, missing = 0;
        var ends = new List<double>();
        foreach (var (gap, lost) in gaps.Append((endSample, 0)))
        {
            long end;
            while ((end = (long)Math.Ceiling((start + TimeSpan.FromSeconds(examinationSeconds + missing).TotalSeconds + latency) * sampleRateHz)) <= gap)
            {
                windows += WindowsIn(end - stretch, latency);
                ends.Add(start = (double)end / sampleRateHz);
                stretch = end;
                missing = 0;
                windowsBefore = windows;
            }

            // At the end of the stream the filters give what they hold back.
            windows += WindowsIn(gap - stretch, lost > 0 ? latency : 0);
            missing += (double)lost / sampleRateHz;
            stretch = gap + lost;
        }

        // One at the end, over what was heard of the last examination, if that was a window at least.
        var endOfAll = Math.Max(endSample, stretch);
        if (windows > windowsBefore) ends.Add((double)endOfAll / sampleRateHz);
        return new SoakPlan(sampleRateHz, endOfAll, gaps, ends, windows);

        long WindowsIn(long samples, double heldBack)
        {
            var count = 0L;
            while (Math.Ceiling(((double)(spec.WindowStart(count) + spec.WindowSamples) / spec.SampleRateHz + heldBack) * sampleRateHz) <= samples) count++;
            return count;
        }
    }
}
