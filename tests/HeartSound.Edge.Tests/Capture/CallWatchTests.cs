using HeartSound.Edge.Capture;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Capture;

public sealed class CallWatchTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualResetEventSlim _hung = new();
    private int _times;

    [Fact]
    public void Enter_CallThatNeverComesBack_IsToldOnce()
    {
        using var watch = Watch();
        using var call = watch.Enter("Pa_ReadStream", Second);
        Assert.True(_hung.Wait(TimeSpan.FromSeconds(30)));
        Thread.Sleep(600);
        Assert.Equal(1, _times);
    }

    [Fact]
    public void Look_ManyShortCalls_AreFine()
    {
        using var watch = Watch();
        for (var i = 0; i < 100; i++)
        {
            using var call = watch.Enter("Pa_GetStreamReadAvailable", Second);
            watch.Look(Second);
        }

        watch.Look(Second);
        Assert.Equal(0, _times);
    }

    [Fact]
    public void Look_ThatComesLate_IsNotTakenForTheCall()
    {
        using var watch = Watch();
        using var call = watch.Enter("Pa_ReadStream", TimeSpan.FromMinutes(1));
        watch.Look(Second);
        watch.Look(TimeSpan.FromHours(1)); // the machine slept, and the call with it
        Assert.Equal(0, _times);
    }

    [Fact]
    public void Look_BetweenCalls_IsNoCall()
    {
        using var watch = Watch();
        watch.Enter("Pa_ReadStream", Second).Dispose();
        for (var i = 0; i < 100; i++) watch.Look(Second);
        Assert.Equal(0, _times);
    }

    [Fact]
    public void Enter_Warm_AllocatesNothing()
    {
        using var watch = Watch();
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++) watch.Enter("Pa_ReadStream", Second).Dispose();
        }));
    }

    public void Dispose() => _hung.Dispose();

    private CallWatch Watch() => new(NullLogger<CallWatch>.Instance, () =>
    {
        Interlocked.Increment(ref _times);
        _hung.Set();
    });
}
