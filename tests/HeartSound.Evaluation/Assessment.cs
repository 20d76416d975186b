using HeartSound.Signal;

namespace HeartSound.Evaluation;

/// <summary>What quality and heart rate say about every window of a recording, cut as the front end cuts it by default.</summary>
internal sealed record Assessment(IReadOnlyList<QualityReport> Windows, HeartRateEstimate RateOfAll, HeartRateEstimate RateOfAccepted)
{
    private static readonly FrontEndSpec s_spec = new();

    public bool Accepted => Windows.Any(w => w.Accepted);

    /// <summary>The recording's score: the mean of its windows'.</summary>
    public double Score => Windows.Count > 0 ? Windows.Average(w => w.Score) : 0;

    public static Assessment Of(float[] samples)
    {
        var banded = new float[samples.Length];
        new BiquadCascade(Butterworth.BandPass(s_spec.BandOrder, s_spec.BandLowHz, s_spec.BandHighHz, s_spec.SampleRateHz)).Process(samples, banded);
        var quality = new SignalQuality(s_spec, new QualityGates());
        var all = new HeartRate(s_spec.SampleRateHz);
        var accepted = new HeartRate(s_spec.SampleRateHz);
        var windows = new List<QualityReport>();
        for (var k = 0L; s_spec.WindowStart(k) + s_spec.WindowSamples <= samples.Length; k++)
        {
            var start = (int)s_spec.WindowStart(k);
            var source = samples.AsSpan(start, s_spec.WindowSamples);
            var window = banded.AsSpan(start, s_spec.WindowSamples);
            var report = quality.Assess(source, s_spec.SampleRateHz, source, window);
            windows.Add(report);
            all.Add(window);
            if (report.Accepted) accepted.Add(window);
        }

        return new Assessment(windows, all.Current, accepted.Current);
    }
}
