using HeartSound.Signal;

namespace HeartSound.Evaluation;

/// <summary>What quality and heart rate say about every window of a recording, cut as the front end cuts it by default.</summary>
internal sealed record Assessment(IReadOnlyList<QualityReport> Windows, HeartRateEstimate RateOfAll, HeartRateEstimate RateOfAccepted)
{
    private static readonly FrontEndSpec _spec = new();

    public bool Accepted => Windows.Any(w => w.Accepted);

    /// <summary>The recording's score: the mean of its windows'.</summary>
    public double Score => Windows.Count > 0 ? Windows.Average(w => w.Score) : 0;

    public static Assessment Of(float[] samples)
    {
        var banded = new float[samples.Length];
        new BiquadCascade(Butterworth.BandPass(_spec.BandOrder, _spec.BandLowHz, _spec.BandHighHz, _spec.SampleRateHz)).Process(samples, banded);
        var quality = new SignalQuality(_spec, new QualityGates());
        var all = new HeartRate(_spec.SampleRateHz);
        var accepted = new HeartRate(_spec.SampleRateHz);
        var windows = new List<QualityReport>();
        for (var k = 0L; _spec.WindowStart(k) + _spec.WindowSamples <= samples.Length; k++)
        {
            var start = (int)_spec.WindowStart(k);
            var source = samples.AsSpan(start, _spec.WindowSamples);
            var window = banded.AsSpan(start, _spec.WindowSamples);
            var report = quality.Assess(source, _spec.SampleRateHz, source, window);
            windows.Add(report);
            all.Add(window);
            if (report.Accepted) accepted.Add(window);
        }

        return new Assessment(windows, all.Current, accepted.Current);
    }
}
