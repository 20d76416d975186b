using HeartSound.Edge.Capture;
using HeartSound.Signal;

namespace HeartSound.Edge.Tests.Hosting;

/// <summary>Sound, and what somebody does in between, which happens when all the sound before it was heard.</summary>
internal sealed class PlannedSource(int block, params object[] plan) : ISampleSource
{
    public string Name => "plan";
    public int SampleRateHz => BlockSource.Rate;

    public void Capture(SampleRing ring, CancellationToken stop)
    {
        foreach (var step in plan)
        {
            if (step is Action act)
            {
                while (ring.Available > 0) Thread.Sleep(1);
                act();
                continue;
            }

            var samples = (float[])step;
            for (var at = 0; at < samples.Length; at += block)
            {
                var part = samples.AsSpan(at, Math.Min(block, samples.Length - at));
                ring.WaitForSpace(part.Length, Timeout.InfiniteTimeSpan, stop);
                ring.Write(part);
            }
        }
    }

    public void Dispose()
    {
    }
}
