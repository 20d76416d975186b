using HeartSound.Edge.Recordings;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Comparisons;

/// <summary>The recordings that both sides of a comparison get: a fixed part of PhysioNet 2016, or simulated hearts where that is not there.</summary>
internal static class BenchmarkRecordings
{
    private const int SimulatedSeconds = 22; // PhysioNet's mean

    /// <summary>Paths of about <paramref name="count"/> recordings, spread evenly over the whole set; the same ones every time.</summary>
    public static IReadOnlyList<string> Take(int count)
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named
            ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var folder = Path.Combine(cache, "heartsound", "data", "physionet2016");
        if (!Directory.Exists(folder)) return Simulate(count);

        var all = Directory.GetFiles(folder, "*.wav", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Console.WriteLine($"recordings: {count} of the {all.Count} of PhysioNet 2016, evenly spread");
        return Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)]).ToList();
    }

    private static List<string> Simulate(int count)
    {
        Console.WriteLine($"recordings: {count} simulated hearts of {SimulatedSeconds} s at 2 kHz (PhysioNet 2016 is not on this machine: scripts/get-data.sh)");
        var folder = Directory.CreateTempSubdirectory("heartsound-bench-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var samples = new float[SimulatedSeconds * 2000];
        var paths = new List<string>();
        for (var i = 0; i < count; i++)
        {
            new Simulator(new SimulatorOptions { SampleRateHz = 2000, HeartRateBpm = 55 + i % 60, Murmur = (Murmur)(i % 3), NoiseLevelDb = -45 + i % 20, Seed = (ulong)i + 1 }).Read(samples);
            paths.Add(Path.Combine(folder, FormattableString.Invariant($"{i:0000}.wav")));
            using var wav = new WavWriter(paths[^1], 2000);
            wav.Write(samples);
            wav.Complete();
        }

        return paths;
    }
}
