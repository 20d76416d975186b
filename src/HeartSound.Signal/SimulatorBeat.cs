namespace HeartSound.Signal;

/// <summary>The sounds of one beat, by the time since its S1. Numbers after Abbas and Bassam 2009 (S1 near 50 Hz, S2 near 70 Hz, 100–160 ms).</summary>
internal struct SimulatorBeat
{
    private double _s2Seconds;
    private double _beatSeconds;
    private Tone _mitral;
    private Tone _tricuspid;
    private Tone _aortic;
    private Tone _pulmonary;

    public static SimulatorBeat Make(double beatSeconds, double breath, ref SimulatorRandom random)
    {
        var rate = 60 / beatSeconds;
        // Weissler 1968: electromechanical systole 0.546 − 0.0021·rate; S1 follows the QRS by about 0.12 s at rest, less when fast.
        var systole = Math.Max(0.13, Math.Min(0.42 - 0.0016 * rate, 0.55 * beatSeconds));
        var loud = 1 + 0.15 * breath + 0.05 * random.Normal();
        var split = 0.02 + 0.012 * (1 + breath); // P2 follows A2 by 20–45 ms, most on breathing in
        var s2 = 0.6 + 0.05 * random.Normal();
        return new SimulatorBeat
        {
            _beatSeconds = beatSeconds,
            _s2Seconds = systole,
            _mitral = new Tone(0, loud, 46 + 2 * random.Normal(), 0.024),
            _tricuspid = new Tone(0.024, 0.55 * loud, 75 + 4 * random.Normal(), 0.017),
            _aortic = new Tone(systole, s2 * loud, 66 + 3 * random.Normal(), 0.016),
            _pulmonary = new Tone(systole + split, 0.4 * s2 * loud, 90 + 4 * random.Normal(), 0.012),
        };
    }

    /// <summary>S1 and S2; the peak of a typical S1 is 1.</summary>
    public readonly double Sounds(double seconds) =>
        _mitral.At(seconds) + _tricuspid.At(seconds) + _aortic.At(seconds) + _pulmonary.At(seconds);

    /// <summary>0 to 1.</summary>
    public readonly double MurmurEnvelope(double seconds, Murmur murmur)
    {
        switch (murmur)
        {
            case Murmur.Systolic:
                var systole = (seconds - 0.05) / (_s2Seconds - 0.06);
                if (systole is <= 0 or >= 1) return 0;
                var rise = Math.Sin(Math.PI * systole);
                return rise * rise;
            case Murmur.Diastolic:
                var since = seconds - _s2Seconds - 0.03;
                var length = 0.75 * (_beatSeconds - _s2Seconds);
                if (since <= 0 || since >= length) return 0;
                return Math.Min(1, since / 0.02) * (1 - since / length);
            default:
                return 0;
        }
    }

    /// <summary>A valve's closure: a tone that swells within 8 ms and dies away.</summary>
    private readonly record struct Tone(double Start, double Amplitude, double Hertz, double DecaySeconds)
    {
        public double At(double seconds)
        {
            var t = seconds - Start;
            if (t <= 0 || t > 12 * DecaySeconds) return 0;
            return 1.8 * Amplitude * (1 - Math.Exp(-t / 0.008)) * Math.Exp(-t / DecaySeconds) * Math.Sin(2 * Math.PI * Hertz * t);
        }
    }
}
