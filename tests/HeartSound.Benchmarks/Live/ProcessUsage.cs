using System.Globalization;

namespace HeartSound.Benchmarks.Live;

/// <summary>What a process uses, as Linux counts it.</summary>
/// <param name="ProcessorSeconds">Of all its threads since it began, in the user's and in the system's name.</param>
/// <param name="ResidentMegabytes">Memory that is there now.</param>
/// <param name="PeakMegabytes">The most there was.</param>
/// <param name="Threads">Of all kinds.</param>
internal sealed record ProcessUsage(double ProcessorSeconds, double ResidentMegabytes, double PeakMegabytes, int Threads)
{
    /// <summary>sysconf(_SC_CLK_TCK): 100 on every Linux.</summary>
    private const double TicksPerSecond = 100;

    /// <param name="process">Its id, or <c>self</c>.</param>
    public static ProcessUsage Of(string process)
    {
        // The name, in parentheses, may hold anything; fields 14 and 15 are utime and stime.
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var status = File.ReadLines($"/proc/{process}/status").Select(l => l.Split(':', 2)).ToDictionary(l => l[0], l => l[1].Trim());
        double Megabytes(string name) => double.Parse(status[name].Split(' ')[0], CultureInfo.InvariantCulture) / 1024;
        return new ProcessUsage((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond,
            Megabytes("VmRSS"), Megabytes("VmHWM"), int.Parse(status["Threads"], CultureInfo.InvariantCulture));
    }
}
