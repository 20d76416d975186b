namespace HeartSound.Signal;

/// <summary>
/// One number for a window's quality, and what lowers it most. A logistic regression on windows of PhysioNet 2016, folds 1–4: recordings labelled good against
/// those labelled unsure and against good ones with noise, talk, clipping, handling or contact loss added. Clamps are where the data end.
/// </summary>
internal readonly record struct QualityGrade(double Score, QualityReason Worst)
{
    private const double Bias = -5.808;
    private const double PeriodicityWeight = 4.579;
    private const double ContrastWeight = 0.261;
    private const double InBandWeight = 0.165;
    private const double FrequencyWeight = 4.335;
    private const double ClippedWeight = 3.597;

    public static QualityGrade Of(in QualityReport report)
    {
        // What each part takes from the best there is.
        var noBeat = PeriodicityWeight * (0.8 - Math.Clamp(report.Periodicity, 0, 0.8)) + ContrastWeight * (20 - Math.Clamp(report.ContrastDb, 3, 20));
        var noise = FrequencyWeight * Math.Log(Math.Clamp(report.MeanFrequencyHz, 70, 600) / 70) + InBandWeight * (6 - Math.Clamp(report.InBandRatioDb, -12, 6));
        var clipped = ClippedWeight * Math.Log10(Math.Clamp(report.ClippedFraction, 0.001, 0.3) / 0.001);
        const double best = Bias + PeriodicityWeight * 0.8 + ContrastWeight * 20 + InBandWeight * 6;

        var worst = clipped >= noBeat && clipped >= noise ? QualityReason.Clipped
            : noise >= noBeat ? QualityReason.Noise
            : QualityReason.NoHeartbeat;
        return new QualityGrade(1 / (1 + Math.Exp(noBeat + noise + clipped - best)), worst);
    }
}
