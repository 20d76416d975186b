using System.Globalization;

namespace HeartSound.Edge.Fleet;

/// <summary>What a process takes (<c>/proc/PID</c>).</summary>
/// <param name="ResidentBytes">Memory.</param>
/// <param name="ProcessorSeconds">Since its start.</param>
internal readonly record struct ProcessReading(long ResidentBytes, double ProcessorSeconds)
{
    /// <summary>What Linux counts processor time in for programs, whatever the kernel's own clock (USER_HZ).</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Null when there is no such process.</summary>
    public static ProcessReading? Of(int process)
    {
        try
        {
            // After the name, which stands in brackets and may hold anything: field 3 and the following of proc(5).
            var text = File.ReadAllText(FormattableString.Invariant($"/proc/{process}/stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            double Number(int field) => double.Parse(fields[field - 3], CultureInfo.InvariantCulture);
            return new ProcessReading((long)Number(24) * Environment.SystemPageSize, (Number(14) + Number(15)) / TicksPerSecond);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
