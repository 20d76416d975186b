namespace HeartSound.Signal;

/// <summary>What <see cref="LogMel"/> computes, written as its definition: one frame and one bin after another by the sum of the discrete
/// Fourier transform, in double precision. The specification of the vector code; too slow for anything but tests.</summary>
internal static class LogMelReference
{
    public static void Transform(FrontEndSpec spec, ReadOnlySpan<float> samples, int frames, Span<float> destination, int stride)
    {
        var filters = new MelFilterBank(spec.SampleRateHz, spec.FftSamples, spec.MelBands, spec.MelLowHz, spec.MelHighHz);
        var start = (spec.FftSamples - spec.FrameSamples) / 2;
        var windowed = new double[spec.FrameSamples];
        var power = new double[spec.FftSamples / 2 + 1];
        for (var frame = 0; frame < frames; frame++)
        {
            for (var n = 0; n < windowed.Length; n++)
            {
                var hann = 0.5 - 0.5 * Math.Cos(2 * Math.PI * n / windowed.Length);
                windowed[n] = hann * samples[frame * spec.HopSamples + start + n];
            }

            for (var bin = filters.FirstBin; bin <= filters.LastBin; bin++) power[bin] = Power(windowed, bin, spec.FftSamples);

            for (var band = 0; band < spec.MelBands; band++)
            {
                var weights = filters.Weights(band, out var firstBin);
                var sum = 0.0;
                for (var i = 0; i < weights.Length; i++) sum += weights[i] * power[firstBin + i];
                destination[band * stride + frame] = (float)Math.Log(Math.Max(sum, spec.LogFloor));
            }
        }
    }

    private static double Power(ReadOnlySpan<double> samples, int bin, int fftSamples)
    {
        // exp(−2πi·bin·n/N), turned on by one step a sample: within 1e-12 for 4,096 steps, and much faster than a sine each.
        var (stepIm, stepRe) = Math.SinCos(-2 * Math.PI * bin / fftSamples);
        var (re, im, turnRe, turnIm) = (0.0, 0.0, 1.0, 0.0);
        foreach (var sample in samples)
        {
            re += sample * turnRe;
            im += sample * turnIm;
            (turnRe, turnIm) = (turnRe * stepRe - turnIm * stepIm, turnRe * stepIm + turnIm * stepRe);
        }

        return re * re + im * im;
    }
}
