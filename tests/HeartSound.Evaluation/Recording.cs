using System.Buffers.Binary;
using System.Globalization;

namespace HeartSound.Evaluation;

/// <summary>One recording of PhysioNet 2016: what its tables say, and its samples at 2 kHz.</summary>
internal sealed record Recording(string Name, string Path, string Database, bool Good, int Fold, string Group, double? ReferenceBpm)
{
    public const int RateHz = 2000;

    /// <summary>How much of the middle of each recording is read; null for all of it.</summary>
    public static double? ClipSeconds { get; set; }

    public static IReadOnlyList<Recording> ReadAll(string folder)
    {
        var references = References(System.IO.Path.Combine(folder, "states_hand.csv"));
        var lines = File.ReadLines(System.IO.Path.Combine(folder, "records.csv"));
        var header = lines.First().Split(',').ToList();
        string Field(string[] fields, string name) => fields[header.IndexOf(name)];
        return [.. lines.Skip(1).Select(l => l.Split(',')).Select(f => new Recording(
            Field(f, "record"), System.IO.Path.Combine(folder, Field(f, "file")), Field(f, "db"), Field(f, "sqi") == "1",
            int.Parse(Field(f, "fold"), CultureInfo.InvariantCulture), Field(f, "group"),
            references.TryGetValue(Field(f, "record"), out var bpm) ? bpm : null))];
    }

    /// <summary>16-bit mono PCM, which all of these files are; its data chunk, scaled to ± 1.</summary>
    public float[] ReadSamples()
    {
        var bytes = File.ReadAllBytes(Path);
        for (var at = 12; at + 8 <= bytes.Length;)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
            if (bytes.AsSpan(at, 4).SequenceEqual("data"u8))
            {
                var samples = new float[Math.Min(size, bytes.Length - at - 8) / 2];
                for (var i = 0; i < samples.Length; i++) samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(at + 8 + 2 * i)) / 32768f;
                return Clip(samples);
            }

            at += 8 + size + (size & 1);
        }

        throw new InvalidDataException($"{Path} has no data chunk.");
    }

    private static float[] Clip(float[] samples)
    {
        if (ClipSeconds is not { } seconds || (int)(seconds * RateHz) is var length && length >= samples.Length) return samples;
        return samples[((samples.Length - length) / 2)..][..length];
    }

    /// <summary>60 over the median time from S1 to S1, by record.</summary>
    private static Dictionary<string, double> References(string path) => File.ReadLines(path).Skip(1)
        .Select(l => l.Split(',')).Where(f => f[2] == "S1")
        .GroupBy(f => f[0], f => int.Parse(f[1], CultureInfo.InvariantCulture))
        .Select(g => (g.Key, Steps: g.Zip(g.Skip(1), (a, b) => b - a).Order().ToArray()))
        .Where(r => r.Steps.Length >= 2)
        .ToDictionary(r => r.Key, r => 60.0 * RateHz / ((r.Steps[(r.Steps.Length - 1) / 2] + r.Steps[r.Steps.Length / 2]) / 2.0));
}
