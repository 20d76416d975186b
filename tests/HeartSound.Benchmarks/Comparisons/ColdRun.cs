using System.Diagnostics;
using System.Text.Json;

namespace HeartSound.Benchmarks.Comparisons;

/// <summary>A whole process from start to end, as <c>timed.py</c> saw it.</summary>
internal sealed record ColdRun
{
    /// <summary>Wall-clock seconds.</summary>
    public double Wall { get; init; }

    /// <summary>Processor seconds of all its threads.</summary>
    public double Processor { get; init; }

    /// <summary>Largest resident memory, in MB.</summary>
    public double Megabytes { get; init; }

    /// <summary>Runs a command on <paramref name="cores"/> (as <c>taskset -c</c> wants them); its standard output goes to <paramref name="output"/>, or nowhere.</summary>
    public static ColdRun Of(string cores, IEnumerable<string> command, string output = "/dev/null")
    {
        using var process = Process.Start(new ProcessStartInfo(Repository.Python, [Repository.Script("timed.py"), output, "taskset", "-c", cores, .. command])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Repository.Root,
        })!;
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<ColdRun>(line, JsonSerializerOptions.Web)!
            : throw new BenchmarkException($"This failed: {string.Join(' ', command.Take(6))} …");
    }

    /// <summary>Runs several commands by turns.</summary>
    public static IReadOnlyList<List<ColdRun>> Alternate(string cores, int times, params IReadOnlyList<IEnumerable<string>> commands)
    {
        var runs = commands.Select(_ => new List<ColdRun>()).ToList();
        for (var i = 0; i < times; i++)
            for (var c = 0; c < commands.Count; c++) runs[c].Add(Of(cores, commands[c]));
        return runs;
    }
}
