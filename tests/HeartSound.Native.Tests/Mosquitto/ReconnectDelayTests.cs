using HeartSound.Native.Mosquitto;

namespace HeartSound.Native.Tests.Mosquitto;

public sealed class ReconnectDelayTests
{
    private static readonly TimeSpan Proof = TimeSpan.FromSeconds(20);

    [Fact]
    public void Next_FailuresInARow_ReachesTwiceAsFarEachTimeUpToTheMost()
    {
        var longest = Delays(() => 1);
        Assert.Equal([2, 4, 8, 16, 32, 64, 120, 120], Enumerable.Range(0, 8).Select(_ => longest.Next(TimeSpan.Zero).TotalSeconds));
        var shortest = Delays(() => 0);
        Assert.All(Enumerable.Range(0, 8), _ => Assert.Equal(TimeSpan.FromSeconds(1), shortest.Next(TimeSpan.Zero)));
    }

    [Fact]
    public void Next_ThousandClients_AreSpreadOverTheWholeRange()
    {
        var random = new Random(7);
        var waits = Enumerable.Range(0, 1000).Select(_ => Delays(random.NextDouble).Next(Proof).TotalSeconds).ToList();
        Assert.All(waits, w => Assert.InRange(w, 1, 2));
        Assert.All(Enumerable.Range(0, 10), tenth => Assert.InRange(waits.Count(w => (int)((w - 1) * 10) == tenth), 50, 150));
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(19.9, 16)]
    [InlineData(20, 2)]
    public void Next_ConnectionThatLasted_BeginsAnewOnlyWhenItHasProvedItself(double lastedSeconds, double expected)
    {
        var delays = Delays(() => 1);
        for (var i = 0; i < 3; i++)
            delays.Next(TimeSpan.Zero);
        Assert.Equal(expected, delays.Next(TimeSpan.FromSeconds(lastedSeconds)).TotalSeconds);
    }

    private static ReconnectDelay Delays(Func<double> random) => new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2), Proof, random);
}
