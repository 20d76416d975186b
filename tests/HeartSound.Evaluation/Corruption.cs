using HeartSound.Signal;

namespace HeartSound.Evaluation;

/// <summary>Spoils a recording in one way. Clipping is by a gain that brings the 99.5th percentile of the magnitude so far above full scale. Signal-to-noise ratios are of the energy in 25–400 Hz of the clean recording to all energy of what is added.</summary>
internal sealed record Corruption(string Kind, string Name, Func<float[], Random, float[]> Apply)
{
    private const int RateHz = Recording.RateHz;

    public static IReadOnlyList<Corruption> All { get; } =
    [
        .. Added("noise", "white noise", White, 0, 5, 10),
        .. Added("noise", "pink noise", Pink, 0, 5, 10),
        .. Added("talk", "talk", Talk, -5, 0, 5),
        .. Added("handling", "handling", Handling, -6, 0),
        .. new[] { 6, 12, 20 }.Select(db => new Corruption("clipping", $"clipping, {db} dB", (x, _) => Clip(x, db))),
        new("contact loss", "contact loss", LoseContact),
    ];

    /// <summary>Contact lost for the end of every five seconds, and found again.</summary>
    public static IReadOnlyList<Corruption> PartialLoss { get; } =
        [.. new[] { 1.5, 2, 3 }.Select(s => new Corruption("partial contact loss", FormattableString.Invariant($"contact lost {s} s of every 5"), (x, random) => LoseContactAgainAndAgain(x, s, random)))];

    /// <summary>A muted channel that toggles its last bit.</summary>
    public static Corruption Silence { get; } = new("silence", "silence", (x, random) => [.. x.Select(_ => random.Next(2) / 32768f)]);

    /// <summary>A volume that is all but down: 72 dB below full scale.</summary>
    public static Corruption Whisper { get; } = new("whisper", "volume down", (x, _) => Mix(x, Math.Pow(10, -72 / 20.0) / Rms(x), x, 0));

    /// <summary>Sounds without any heart, of RMS 1.</summary>
    public static IReadOnlyList<(string Name, Func<int, Random, float[]> Make)> NoHeart { get; } =
    [
        ("white noise alone", White), ("pink noise alone", Pink), ("talk alone", Talk), ("handling alone", Handling), ("rumble alone", Rumble),
        ("noise in 30-80 Hz alone", (n, r) => Unit(Filter(White(n, r), 30, 80))), ("mains hum alone", Hum),
    ];

    private static IEnumerable<Corruption> Added(string kind, string name, Func<int, Random, float[]> make, params int[] ratios) =>
        ratios.Select(db => new Corruption(kind, $"{name}, {db} dB", (x, random) => Mix(x, 1, make(x.Length, random), Rms(Filter(x, 25, 400)) * Math.Pow(10, -db / 20.0))));

    private static float[] LoseContact(float[] x, Random random)
    {
        var rms = Rms(Filter(x, 25, 400));
        var air = Mix(Rumble(x.Length, random), 0.5 * rms, White(x.Length, random), 0.02 * rms);
        return Mix(Mix(air, 1, Handling(x.Length, random), 0.05 * rms), 1, x, 0.005);
    }

    private static float[] LoseContactAgainAndAgain(float[] x, double seconds, Random random)
    {
        var lost = LoseContact(x, random);
        return [.. x.Select((v, i) => i % (5 * RateHz) < (5 - seconds) * RateHz ? v : lost[i])];
    }

    private static float[] Clip(float[] x, double db)
    {
        var sorted = x.Select(Math.Abs).Order().ToArray();
        var gain = Math.Pow(10, db / 20) / Math.Max(1e-6, sorted[(int)(0.995 * (sorted.Length - 1))]);
        return Mix(x, gain, x, 0);
    }

    private static float[] White(int samples, Random random) => Unit([.. Enumerable.Range(0, samples).Select(_ => (float)Gauss(random))]);

    /// <summary>Kellet's sum of one-pole filters, within 0.5 dB of 1/f here.</summary>
    private static float[] Pink(int samples, Random random)
    {
        double a = 0, b = 0, c = 0;
        var y = new float[samples];
        for (var i = 0; i < samples; i++)
        {
            var white = Gauss(random);
            a = 0.99765 * a + white * 0.0990460;
            b = 0.96300 * b + white * 0.2965164;
            c = 0.57000 * c + white * 1.0526913;
            y[i] = (float)(a + b + c + white * 0.1848);
        }

        return Unit(y);
    }

    private static float[] Rumble(int samples, Random random) => Unit(Filter(White(samples, random), 2, 30));

    private static float[] Hum(int samples, Random random) =>
        Unit([.. Enumerable.Range(0, samples).Select(i => (float)(Math.Sin(2 * Math.PI * 50 * i / RateHz) + 0.3 * Math.Sin(2 * Math.PI * 150 * i / RateHz) + 0.01 * Gauss(random)))]);

    /// <summary>Knocks and scrapes of 10 to 300 ms, one to four a second.</summary>
    private static float[] Handling(int samples, Random random)
    {
        var y = new float[samples];
        var knocks = 1 + (int)(samples / (double)RateHz * (1 + 3 * random.NextDouble()));
        for (var k = 0; k < knocks; k++)
        {
            var start = random.Next(samples);
            var length = (int)(RateHz * (0.01 + 0.29 * random.NextDouble()));
            var loud = 0.3 + 1.7 * random.NextDouble();
            var low = 0.0;
            for (var i = 0; i < length && start + i < samples; i++)
            {
                low += 0.3 * (Gauss(random) - low);
                y[start + i] += (float)(loud * low * Math.Exp(-4.0 * i / length));
            }
        }

        return Unit(y);
    }

    /// <summary>Syllables: a gliding pitch of 90–220 Hz or breath, through two formants, with pauses between words.</summary>
    private static float[] Talk(int samples, Random random)
    {
        var y = new float[samples];
        for (var start = 0; start < samples;)
        {
            var length = (int)(RateHz * (0.08 + 0.22 * random.NextDouble()));
            var voiced = random.NextDouble() < 0.75;
            double pitch = 90 + 130 * random.NextDouble(), glide = -0.2 + 0.4 * random.NextDouble(), loud = 0.3 + 0.7 * random.NextDouble(), phase = 0;
            var first = new Formant(250 + 550 * random.NextDouble(), 80);
            var second = new Formant(800 + 180 * random.NextDouble(), 120);
            for (var i = 0; i < length && start + i < samples; i++)
            {
                phase += pitch * Math.Exp(glide * i / length) / RateHz;
                var pulse = phase >= 1 ? 8 : 0;
                phase -= Math.Floor(phase);
                var breath = Gauss(random) * (voiced ? 0.1 : 0.5);
                var source = voiced ? pulse + breath : breath;
                var swell = Math.Sin(Math.PI * i / length);
                y[start + i] = (float)(loud * swell * swell * (first.Next(source) + 0.6 * second.Next(source)));
            }

            start += length + (int)(RateHz * (random.NextDouble() < 0.8 ? 0.02 + 0.08 * random.NextDouble() : 0.2 + 0.5 * random.NextDouble()));
        }

        return Unit(y);
    }

    private static float[] Filter(float[] x, double low, double high)
    {
        var y = new float[x.Length];
        new BiquadCascade(Butterworth.BandPass(2, low, high, RateHz)).Process(x, y);
        return y;
    }

    /// <summary>a·x + b·y as a 16-bit converter would give it.</summary>
    private static float[] Mix(float[] x, double a, float[] y, double b) =>
        [.. x.Zip(y, (u, v) => (float)(Math.Clamp(Math.Round((a * u + b * v) * 32768), -32768, 32767) / 32768))];

    private static float[] Unit(float[] x)
    {
        var scale = 1 / Math.Max(1e-12, Rms(x));
        return [.. x.Select(v => (float)(v * scale))];
    }

    private static double Rms(float[] x) => Math.Sqrt(x.Average(v => (double)v * v));

    private static double Gauss(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private sealed class Formant(double hertz, double bandwidthHz)
    {
        private readonly double _radius = Math.Exp(-Math.PI * bandwidthHz / RateHz);
        private readonly double _angle = 2 * Math.PI * hertz / RateHz;
        private double _last;
        private double _before;

        public double Next(double x)
        {
            var y = (1 - _radius) * x + 2 * _radius * Math.Cos(_angle) * _last - _radius * _radius * _before;
            (_before, _last) = (_last, y);
            return y;
        }
    }
}
