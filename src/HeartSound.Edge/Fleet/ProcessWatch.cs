using System.Diagnostics;

namespace HeartSound.Edge.Fleet;

/// <summary>Looks at a process now and then. Belongs to one thread.</summary>
internal sealed class ProcessWatch(int process)
{
    private readonly ProcessReading? _first = ProcessReading.Of(process);
    private readonly long _since = Stopwatch.GetTimestamp();
    private ProcessReading? _last;
    private double _seconds;
    private long _peak;

    public void Look()
    {
        if (ProcessReading.Of(process) is not { } reading) return; // it may have been killed: that is what some tests are about
        _last = reading;
        _seconds = Stopwatch.GetElapsedTime(_since).TotalSeconds;
        _peak = Math.Max(_peak, reading.ResidentBytes);
    }

    public ProcessReport Report() => new(process, _peak, _first is { } first && _last is { } last && _seconds > 0 ? (last.ProcessorSeconds - first.ProcessorSeconds) / _seconds : 0);
}
