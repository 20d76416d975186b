using HeartSound.Native.Gpiod;

namespace HeartSound.Native.Tests.Gpiod;

public sealed class KernelClockTests
{
    private static readonly TimeSpan Monotonic = TimeSpan.FromHours(5);
    private static readonly TimeSpan Wall = TimeSpan.FromDays(20000);

    [Fact]
    public void ToMonotonic_MonotonicStamp_StaysAsItIs() => Assert.Equal(Monotonic - TimeSpan.FromMilliseconds(3), Convert(Monotonic - TimeSpan.FromMilliseconds(3)));

    [Fact]
    public void ToMonotonic_WallClockStampOfOldKernels_KeepsItsAge() => Assert.Equal(Monotonic - TimeSpan.FromMilliseconds(40), Convert(Wall - TimeSpan.FromMilliseconds(40)));

    [Fact]
    public void ToMonotonic_WallClockThatWasSetMeanwhile_IsNow() => Assert.Equal(Monotonic, Convert(Wall - TimeSpan.FromDays(3)));

    [Fact]
    public void ToMonotonic_StampAheadOfNow_IsNow() => Assert.Equal(Monotonic, Convert(Monotonic + TimeSpan.FromMilliseconds(1)));

    private static TimeSpan Convert(TimeSpan stamp) => KernelClock.ToMonotonic((ulong)stamp.Ticks * 100, Monotonic, Wall);
}
