namespace HeartSound.Signal.Tests.Filters;

/// <summary>Reproducible test input, and reproducible ways to cut it.</summary>
internal static class Noise
{
    /// <summary>Uniform over −1 to 1.</summary>
    public static float[] Make(int samples, int seed)
    {
        var random = new Random(seed);
        var noise = new float[samples];
        foreach (ref var sample in noise.AsSpan()) sample = 2 * random.NextSingle() - 1;
        return noise;
    }

    /// <summary>Cuts into chunks of random length, short and long and empty ones among them; seed 0 takes single samples first.</summary>
    public static IEnumerable<float[]> Cut(float[] input, int seed)
    {
        var random = new Random(seed);
        for (var at = 0; at < input.Length;)
        {
            var length = seed == 0 && at < 1000 ? 1 : random.Next(4) switch { 0 => random.Next(3), 1 => random.Next(40), 2 => random.Next(700), _ => random.Next(9000) };
            length = Math.Min(length, input.Length - at);
            yield return input[at..(at + length)];
            at += length;
        }
    }
}
