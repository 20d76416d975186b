using HeartSound.Native.LibC;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Capture;

/// <summary>
/// Watches, from a thread of its own, that each call into PortAudio comes back. One that does not cannot be helped from inside: the process says so and ends,
/// and its supervisor starts it again. Calls come from one thread at a time; entering and leaving cost an interlocked add. The owner disposes it.
/// </summary>
public sealed partial class CallWatch : IDisposable
{
    /// <summary>For what looks at all devices or opens one: a slow board with many takes seconds.</summary>
    public static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(20);

    /// <summary>For all other calls, which take milliseconds.</summary>
    public static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ILogger _log;
    private readonly Action _hung;
    private readonly ManualResetEventSlim _end = new();
    private volatile string _operation = "";
    private long _limitTicks;
    private long _number;
    private long _seen;
    private TimeSpan _age;
    private bool _told;

    /// <param name="log">Where the end is announced.</param>
    /// <param name="hung">What to do instead of ending the process, once; for tests.</param>
    public CallWatch(ILogger<CallWatch> log, Action? hung = null)
    {
        _log = log;
        _hung = hung ?? End;
        new Thread(Run) { Name = "call watch", IsBackground = true }.Start();
    }

    /// <summary>Says that a call begins; disposing what is returned says that it came back.</summary>
    public Call Enter(string operation, TimeSpan limit)
    {
        _operation = operation;
        Volatile.Write(ref _limitTicks, limit.Ticks);
        Interlocked.Increment(ref _number); // odd: a call is under way
        return new Call(this);
    }

    /// <summary>Ends the watching.</summary>
    public void Dispose() => _end.Set();

    /// <summary>
    /// A look, <paramref name="elapsed"/> after the last one. A look that comes late does not make the call late: the process itself may have been stopped, or
    /// the machine asleep, and the call with it.
    /// </summary>
    internal void Look(TimeSpan elapsed)
    {
        var number = Interlocked.Read(ref _number);
        if (number != _seen || (number & 1) == 0)
        {
            _seen = number;
            _age = TimeSpan.Zero;
            return;
        }

        _age += elapsed < Interval * 2 ? elapsed : Interval * 2;
        if (_told || _age.Ticks < Volatile.Read(ref _limitTicks)) return;
        _told = true;
        LogHung(_operation, _age.TotalSeconds);
        _hung();
    }

    private void Run()
    {
        for (var last = Environment.TickCount64; !_end.Wait(Interval);)
        {
            var now = Environment.TickCount64;
            Look(TimeSpan.FromMilliseconds(now - last));
            last = now;
        }
    }

    private static void End()
    {
        Thread.Sleep(300); // the log writes on a thread of its own
        ProcessEnd.Now(ExitCode.Hung);
    }

    [LoggerMessage(2010, LogLevel.Critical, "{Operation} has not come back for {Seconds:0.0} s and never will; this process ends, to be started again")]
    private partial void LogHung(string operation, double seconds);

    /// <summary>A call that is under way.</summary>
    public readonly ref struct Call(CallWatch watch)
    {
        public void Dispose() => Interlocked.Increment(ref watch._number);
    }
}
