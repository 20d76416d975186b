namespace HeartSound.Signal;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): the same numbers for a seed with every version of .NET, unlike <see cref="Random"/>.</summary>
internal struct SimulatorRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Mean 0, variance 1, nearly Gaussian: the sum of the four 16-bit parts of one number, so that no library's logarithm matters.</summary>
    public double Normal()
    {
        var bits = Next();
        var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        const double mean = 2.0 * 65535;
        const double deviation = 37837.227; // 65536 · √(4/12): four uniforms on 16 bits
        return (sum - mean) / deviation;
    }
}
