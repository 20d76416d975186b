using HeartSound.Edge.Capture;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Live;

/// <summary>A minute of a simulated heart over and over with a plan's gaps, as fast as the pipeline takes it.</summary>
internal sealed class SoakSource : ISampleSource
{
    private const int LoopSeconds = 61;

    private readonly SoakPlan _plan;
    private readonly Action<long> _hourIsOver;
    private readonly float[] _loop;

    /// <param name="plan">How much, with which gaps.</param>
    /// <param name="hourIsOver">Called on the capture thread after every hour of sound, with its number.</param>
    public SoakSource(SoakPlan plan, Action<long> hourIsOver)
    {
        _plan = plan;
        _hourIsOver = hourIsOver;
        _loop = new float[LoopSeconds * SampleRateHz];
        new Simulator(new SimulatorOptions { SampleRateHz = SampleRateHz }).Read(_loop);
    }

    public string Name => "soak";

    public int SampleRateHz => _plan.SampleRateHz;

    /// <summary>Samples that were written.</summary>
    public long Written { get; private set; }

    /// <summary>Samples that were said to be missing.</summary>
    public long Lost { get; private set; }

    public void Capture(SampleRing ring, CancellationToken stop)
    {
        var gap = 0;
        var at = 0;
        for (long position = 0, hour = 1; position < _plan.EndSample && !stop.IsCancellationRequested; position = Written + Lost)
        {
            var until = gap < _plan.Gaps.Count ? _plan.Gaps[gap].At : _plan.EndSample;
            if (position == until)
            {
                ring.MarkGap(_plan.Gaps[gap].Lost);
                Lost += _plan.Gaps[gap++].Lost;
                continue;
            }

            var block = _loop.AsSpan(at, (int)Math.Min(Math.Min(SampleRateHz / 10, _loop.Length - at), until - position));
            ring.WaitForSpace(block.Length, Timeout.InfiniteTimeSpan, stop);
            Written += ring.Write(block);
            at = (at + block.Length) % _loop.Length;
            for (; position >= hour * 3600 * SampleRateHz; hour++) _hourIsOver(hour);
        }
    }

    public void Dispose()
    {
    }
}
