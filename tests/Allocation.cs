namespace HeartSound.Tests;

/// <summary>What an action allocates on this thread once it runs warm.</summary>
internal static class Allocation
{
    /// <summary>The least of three runs, for the runtime itself may allocate during one.</summary>
    public static long Of(Action action)
    {
        var least = long.MaxValue;
        for (var run = 0; run < 3; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
