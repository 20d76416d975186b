using HeartSound.Signal;

namespace HeartSound.Benchmarks.Kernels;

/// <summary>A simulated heart with noise: what the kernels are fed with.</summary>
internal static class Sound
{
    public static float[] Make(int sampleRateHz, double seconds)
    {
        var samples = new float[(int)(seconds * sampleRateHz)];
        new Simulator(new SimulatorOptions { SampleRateHz = sampleRateHz, NoiseLevelDb = -40 }).Read(samples);
        return samples;
    }
}
