using HeartSound.Signal;

namespace HeartSound.Evaluation;

/// <summary>What quality and heart rate say about every window of a recording, cut as the front end cuts it.</summary>
internal sealed record Assessment(IReadOnlyList<QualityReport> Windows, HeartRateEstimate RateOfAll, HeartRateEstimate RateOfAccepted)
{
    /// <summary>How recordings are cut into windows.</summary>
    public static FrontEndSpec Spec { get; set; } = new();

    public bool Accepted => Windows.Any(w => w.Accepted);

    /// <summary>The recording's score: the mean of its windows'.</summary>
    public double Score => Windows.Count > 0 ? Windows.Average(w => w.Score) : 0;

    public static Assessment Of(float[] samples)
    {
        var banded = new float[samples.Length];
        new BiquadCascade(Butterworth.BandPass(Spec.BandOrder, Spec.BandLowHz, Spec.BandHighHz, Spec.SampleRateHz)).Process(samples, banded);
        var quality = new SignalQuality(Spec, new QualityGates());
        var all = new HeartRate(Spec.SampleRateHz);
        var accepted = new HeartRate(Spec.SampleRateHz);
        var windows = new List<QualityReport>();
        for (var k = 0L; Spec.WindowStart(k) + Spec.WindowSamples <= samples.Length; k++)
        {
            var start = (int)Spec.WindowStart(k);
            var source = samples.AsSpan(start, Spec.WindowSamples);
            var window = banded.AsSpan(start, Spec.WindowSamples);
            var report = quality.Assess(source, Spec.SampleRateHz, source, window);
            windows.Add(report);
            all.Add(window, start / (double)Spec.SampleRateHz);
            if (report.Accepted) accepted.Add(window, start / (double)Spec.SampleRateHz);
        }

        return new Assessment(windows, all.Current, accepted.Current);
    }
}
