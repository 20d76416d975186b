namespace HeartSound.Signal;

/// <summary>Noise of RMS 1 within a band: white noise through a second-order high-pass and a second-order low-pass.</summary>
internal sealed class SimulatorNoise
{
    private readonly double _gain;
    private SimulatorRandom _random;
    private Section _high;
    private Section _low;

    public SimulatorNoise(ulong seed, double lowHz, double highHz, int sampleRateHz)
    {
        _random = new SimulatorRandom(seed);
        _high = Section.Make(lowHz, sampleRateHz, highPass: true);
        _low = Section.Make(highHz, sampleRateHz, highPass: false);

        // The energy of the impulse response is the variance for white noise of variance 1; ten periods of the lower edge hold it all.
        var high = _high;
        var low = _low;
        var energy = 0.0;
        var samples = (int)(10 * sampleRateHz / lowHz);
        for (var i = 0; i < samples; i++)
        {
            var y = low.Next(high.Next(i == 0 ? 1 : 0));
            energy += y * y;
        }

        _gain = 1 / Math.Sqrt(energy);
    }

    public double Next() => _gain * _low.Next(_high.Next(_random.Normal()));

    /// <summary>Butterworth of order 2 by the bilinear transform, transposed direct form II.</summary>
    private struct Section
    {
        private double _b0;
        private double _b1;
        private double _a1;
        private double _a2;
        private double _s1;
        private double _s2;

        public static Section Make(double hertz, int sampleRateHz, bool highPass)
        {
            var k = Math.Tan(Math.PI * hertz / sampleRateHz);
            var norm = 1 / (1 + Math.Sqrt(2) * k + k * k);
            return new Section
            {
                _b0 = highPass ? norm : k * k * norm,
                _b1 = highPass ? -2 * norm : 2 * k * k * norm,
                _a1 = 2 * (k * k - 1) * norm,
                _a2 = (1 - Math.Sqrt(2) * k + k * k) * norm,
            };
        }

        public double Next(double x)
        {
            var y = _b0 * x + _s1;
            _s1 = _b1 * x - _a1 * y + _s2;
            _s2 = _b0 * x - _a2 * y;
            return y;
        }
    }
}
