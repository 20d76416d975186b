using System.Text.Json;

namespace HeartSound.Benchmarks.Comparisons;

/// <summary>What a worker says of one pass over all recordings; also the line it writes.</summary>
internal sealed record Pass
{
    public int Recordings { get; init; }
    public int Windows { get; init; }

    /// <summary>Seconds of sound.</summary>
    public double Sound { get; init; }

    /// <summary>Wall-clock seconds for reading the files.</summary>
    public double Read { get; init; }

    /// <summary>Wall-clock seconds for the work itself.</summary>
    public double Work { get; init; }

    /// <summary>Processor seconds, of all threads, for reading and work together.</summary>
    public double Processor { get; init; }

    public static Pass Parse(string line) => JsonSerializer.Deserialize<Pass>(line, JsonSerializerOptions.Web)!;

    public string ToLine() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
