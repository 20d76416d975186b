using System.Diagnostics;

namespace HeartSound.Edge.Tests.Outputs.Lights;

/// <summary>Waits for what another thread does; far longer than it takes.</summary>
internal static class Eventually
{
    public static void True(Func<bool> condition, Func<string>? describe = null)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), describe?.Invoke() ?? "nothing happened");
            Thread.Sleep(5);
        }
    }
}
