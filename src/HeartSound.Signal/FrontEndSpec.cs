namespace HeartSound.Signal;

/// <summary>
/// All numbers of the front end. It travels inside the model's manifest, never in the device's settings: the network
/// was trained on features made with exactly these. Immutable. <see cref="Faults"/> tells whether it can be reproduced.
/// </summary>
public sealed record FrontEndSpec
{
    /// <summary>Rate that every source is resampled to, in hertz; 1,000 to 16,000.</summary>
    public int SampleRateHz { get; init; } = 2000;

    /// <summary>Lower −3 dB edge of the Butterworth band-pass, in hertz (heart sounds start near 20 Hz).</summary>
    public double BandLowHz { get; init; } = 25;

    /// <summary>Upper −3 dB edge of the band-pass, in hertz; below half the sample rate.</summary>
    public double BandHighHz { get; init; } = 400;

    /// <summary>Order of the low-pass prototype; the band-pass has that many second-order sections. 1 to 12.</summary>
    public int BandOrder { get; init; } = 5;

    /// <summary>Whether friction spikes are taken out after Schmidt et al. 2010 (0.5 s frames, 3 × median).</summary>
    public bool RemoveSpikes { get; init; }

    /// <summary>FFT length in samples, a power of two from 64 to 4,096. As in <c>torch.stft(center=False)</c>, a frame takes this
    /// many samples, and the analysis window of <see cref="FrameSamples"/> sits in its middle.</summary>
    public int FftSamples { get; init; } = 512;

    /// <summary>Length of the periodic Hann analysis window, in samples; at most <see cref="FftSamples"/>.</summary>
    public int FrameSamples { get; init; } = 256;

    /// <summary>Samples from one frame to the next.</summary>
    public int HopSamples { get; init; } = 32;

    /// <summary>Mel bands (Slaney's scale and area normalisation); 8 to 256.</summary>
    public int MelBands { get; init; } = 64;

    /// <summary>Lower edge of the lowest mel band, in hertz.</summary>
    public double MelLowHz { get; init; } = 25;

    /// <summary>Upper edge of the highest mel band, in hertz; at most half the sample rate.</summary>
    public double MelHighHz { get; init; } = 500;

    /// <summary>Power below which the natural logarithm is not taken: log(max(power, floor)). The default is about what the quantisation noise of a
    /// 16-bit converter leaves in a band (2⁻³⁰/12 a sample, through Hann window and mel area: 2e-9); below it there is nothing to hear, only rounding.</summary>
    public double LogFloor { get; init; } = 1e-8;

    /// <summary>What the network sees at once, in seconds; 0.5 to 60.</summary>
    public double WindowSeconds { get; init; } = 5;

    /// <summary>From one window to the next, in seconds. Window <c>k</c> starts on the last frame at or before <c>k</c> times this.</summary>
    public double WindowHopSeconds { get; init; } = 2.5;

    /// <summary>How a window's features are normalised.</summary>
    public Normalisation Normalisation { get; init; } = Normalisation.Band;

    /// <summary>History that <see cref="Normalisation.Band"/> looks back over, in seconds, at least a window;
    /// less is used while the stream is younger.</summary>
    public double NormalisationSeconds { get; init; } = 10;

    /// <summary>Samples of a window, at <see cref="SampleRateHz"/>.</summary>
    public int WindowSamples => (int)Math.Round(WindowSeconds * SampleRateHz);

    /// <summary>Samples from one window to the next before rounding down to the frame grid.</summary>
    public int WindowHopSamples => (int)Math.Round(WindowHopSeconds * SampleRateHz);

    /// <summary>Frames of a window: <c>(WindowSamples − FftSamples) / HopSamples + 1</c>.</summary>
    public int WindowFrames => (WindowSamples - FftSamples) / HopSamples + 1;

    /// <summary>Frames that <see cref="Normalisation.Band"/> looks back over at most.</summary>
    public int NormalisationFrames => Math.Max(WindowFrames, ((int)Math.Round(NormalisationSeconds * SampleRateHz) - FftSamples) / HopSamples + 1);

    /// <summary>First sample of window <paramref name="window"/>, counted from the start of the stream or the last gap.</summary>
    public long WindowStart(long window) => window * WindowHopSamples / HopSamples * HopSamples;

    /// <summary>Everything that keeps this spec from being reproduced, each with its path, value and range; empty when it is sound.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        void Check(bool ok, string name, object value, string range)
        {
            if (!ok) faults.Add(FormattableString.Invariant($"frontEnd.{name} is {value}, must be {range}"));
        }

        Check(SampleRateHz is >= 1000 and <= 16000, "sampleRateHz", SampleRateHz, "1000 to 16000");
        var nyquist = SampleRateHz / 2.0;
        Check(BandLowHz > 0 && BandLowHz < BandHighHz, "bandLowHz", BandLowHz, "above 0 and below bandHighHz");
        Check(BandHighHz < nyquist, "bandHighHz", BandHighHz, "below half the sample rate");
        Check(BandOrder is >= 1 and <= 12, "bandOrder", BandOrder, "1 to 12");
        Check(FftSamples is >= 64 and <= 4096 && int.IsPow2(FftSamples), "fftSamples", FftSamples, "a power of two from 64 to 4096");
        Check(FrameSamples >= 16 && FrameSamples <= FftSamples, "frameSamples", FrameSamples, "16 to fftSamples");
        Check(HopSamples >= 1 && HopSamples <= FrameSamples, "hopSamples", HopSamples, "1 to frameSamples");
        Check(MelBands is >= 8 and <= 256, "melBands", MelBands, "8 to 256");
        Check(MelLowHz >= 0 && MelLowHz < MelHighHz, "melLowHz", MelLowHz, "at least 0 and below melHighHz");
        Check(MelHighHz <= nyquist, "melHighHz", MelHighHz, "at most half the sample rate");
        Check(LogFloor is >= 1e-37 and < 1, "logFloor", LogFloor, "1e-37 (smaller ones are denormal) to 1");
        Check(WindowSeconds is >= 0.5 and <= 60, "windowSeconds", WindowSeconds, "0.5 to 60");
        Check(WindowSamples >= FftSamples, "windowSeconds", WindowSeconds, "at least one FFT long");
        Check(WindowHopSeconds > 0 && WindowHopSeconds <= WindowSeconds && WindowHopSamples >= HopSamples, "windowHopSeconds", WindowHopSeconds, "at least a frame's hop and at most windowSeconds");
        Check(Enum.IsDefined(Normalisation), "normalisation", Normalisation, "none, window or band");
        Check(NormalisationSeconds >= WindowSeconds && NormalisationSeconds <= 600, "normalisationSeconds", NormalisationSeconds, "windowSeconds to 600");
        if (faults.Count == 0)
        {
            var empty = new MelFilterBank(SampleRateHz, FftSamples, MelBands, MelLowHz, MelHighHz).EmptyBands.Count;
            Check(empty == 0, "melBands", MelBands, FormattableString.Invariant($"fewer, or fftSamples larger: {empty} bands lie between two bins of the FFT and hear nothing"));
        }

        return faults;
    }
}
