namespace HeartSound.Signal;

/// <summary>
/// One number for a window's quality, and what lowers it most. A logistic regression on windows of PhysioNet 2016, folds 1–4: recordings labelled good against
/// those labelled unsure and against good ones with noise, talk, clipping, handling or contact loss added. Clamps are where the data end.
/// </summary>
internal readonly record struct QualityGrade(double Score, QualityReason Worst)
{
    private const double Bias = -7.218;

    public static QualityGrade Of(in QualityReport report)
    {
        const double best = 4.133 * 0.8 + 0.379 * 16 + 0.15 * 6;
        var beat = 4.133 * Math.Clamp(report.Periodicity, 0, 0.8) + 0.379 * Math.Clamp(report.ContrastDb, 3, 16);
        var noise = 6.0 * Math.Log(Math.Clamp(report.MeanFrequencyHz, 90, 600) / 90) - 0.15 * Math.Clamp(report.InBandRatioDb, -12, 6);
        var clipped = 3.503 * Math.Log10(Math.Clamp(report.ClippedFraction, 0.001, 0.3) / 0.001);
        var score = 1 / (1 + Math.Exp(-(Bias + beat - noise - clipped)));

        // Each part's distance from its best value; the largest names the reason.
        var noBeat = best - 0.15 * 6 - beat;
        var tooNoisy = noise + 0.15 * 6;
        var worst = clipped >= noBeat && clipped >= tooNoisy ? QualityReason.Clipped
            : tooNoisy >= noBeat ? QualityReason.Noise
            : QualityReason.NoHeartbeat;
        return new QualityGrade(score, worst);
    }
}
