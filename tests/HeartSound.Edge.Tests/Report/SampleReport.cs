using HeartSound.Edge.Report;

namespace HeartSound.Edge.Tests.Report;

/// <summary>A made-up report with each kind of outcome in it.</summary>
internal static class SampleReport
{
    public static ReportInfo Info { get; } = new()
    {
        ModelId = "physionet2016-cnn-small",
        ModelVersion = "1.0.0",
        ModelSha256 = new string('a', 64),
        AlarmBelow = 0.35,
        AlarmAbove = 0.5,
        Provider = "CPU",
        SoftwareVersion = "0.1.0",
        Created = new DateTimeOffset(2026, 11, 21, 13, 30, 0, TimeSpan.Zero),
    };

    /// <summary>A recording with windows of 5 s every 2.5 s, of which every fourth was not accepted.</summary>
    public static ReportedRecording Judged(string verdict, double alarm, double seconds = 30, int seed = 1)
    {
        var random = new Random(seed);
        var samples = new float[seconds > 60 ? 20 : 2000]; // of a second: sound for the eye only
        var wave = new WaveformOverview((long)(seconds * samples.Length));
        for (var second = 0; second < seconds; second++)
        {
            for (var i = 0; i < samples.Length; i++)
            {
                var beat = (second + (double)i / samples.Length) % 0.8;
                var envelope = Math.Exp(-Math.Pow((beat - 0.05) / 0.03, 2)) + 0.6 * Math.Exp(-Math.Pow((beat - 0.35) / 0.02, 2));
                samples[i] = (float)(0.4 * envelope * Math.Sin(i * 0.3) + 0.02 * random.NextDouble());
            }

            wave.Add(samples);
        }

        var logMel = new float[64 * 800];
        for (var i = 0; i < logMel.Length; i++) logMel[i] = (float)(-4 - i / 800 / 10.0 + 3 * Math.Exp(-Math.Pow(i % 800 % 21 / 4.0, 2)) + random.NextDouble());

        var windows = new List<ReportedWindow>();
        for (var k = 0; k * 2.5 + 5 <= seconds; k++)
        {
            var isGood = k % 4 != 2;
            windows.Add(new ReportedWindow
            {
                StartSeconds = k * 2.5,
                EndSeconds = k * 2.5 + 5,
                Accepted = isGood,
                Reason = isGood ? "" : "clipped",
                AlarmProbability = isGood ? Math.Clamp(alarm + 0.2 * (random.NextDouble() - 0.5), 0, 1) : null,
            });
        }

        return new ReportedRecording
        {
            File = $"recordings/{verdict}-{seed}.wav",
            Verdict = verdict,
            Alarm = verdict switch { "normal" => false, "abnormal" => true, _ => null },
            Reason = verdict == "inconclusive" ? "uncertain" : "",
            Advice = verdict == "inconclusive" ? "Record again in a quiet room, with the chest piece held still." : "",
            Probabilities = [new("normal", 1 - alarm), new("abnormal", alarm)],
            AlarmProbability = alarm,
            HeartRateBpm = 75,
            QualityScore = 0.83,
            DurationSeconds = seconds,
            SampleRateHz = 2000,
            WaveformMin = wave.Min,
            WaveformMax = wave.Max,
            LogMel = LogMelPicture.Of(logMel, 64, 25, 500),
            Windows = windows,
        };
    }

    public static ReportedRecording Failed(string file = "recordings/broken.wav") => new() { File = file, Error = $"{file} is empty (0 bytes)" };

    public static IReadOnlyList<ReportedRecording> All() =>
        [Judged("normal", 0.1), Judged("abnormal", 0.9, seed: 2), Judged("inconclusive", 0.42, seed: 3), Failed()];
}
