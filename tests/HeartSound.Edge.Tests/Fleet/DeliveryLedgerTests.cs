using HeartSound.Edge.Fleet;

namespace HeartSound.Edge.Tests.Fleet;

public sealed class DeliveryLedgerTests
{
    private readonly DeliveryLedger _ledger = new();
    private readonly Guid _series = Guid.NewGuid();

    [Fact]
    public void Count_EveryVerdictArrivesOnce_IsWhole()
    {
        Make(3);
        foreach (var i in new[] { 1, 2, 3 })
        {
            _ledger.Acknowledge(_series, i);
            Assert.True(_ledger.Arrive(_series, i));
        }

        Assert.Equal(new DeliveryCount { Made = 3, Acknowledged = 3, Arrived = 3 }, _ledger.Count());
    }

    [Fact]
    public void Count_AcknowledgedAndNotArrived_IsLost()
    {
        Make(4);
        foreach (var i in new[] { 1, 2, 3 }) _ledger.Acknowledge(_series, i);
        _ledger.Arrive(_series, 1);
        _ledger.Arrive(_series, 3);

        // The second is lost; the fourth only waits: the device still has it.
        Assert.Equal(new DeliveryCount { Made = 4, Acknowledged = 3, Arrived = 2, Lost = 1 }, _ledger.Count());
    }

    [Fact]
    public void Arrive_Again_IsADuplicateAndNotOutOfOrder()
    {
        Make(2);
        Assert.True(_ledger.Arrive(_series, 1));
        Assert.True(_ledger.Arrive(_series, 2));

        Assert.False(_ledger.Arrive(_series, 1));
        Assert.Equal((1, 0), (_ledger.Count().Duplicates, _ledger.Count().OutOfOrder));
    }

    [Fact]
    public void Arrive_ForTheFirstTimeAfterALaterOne_IsOutOfOrder()
    {
        Make(3);
        foreach (var i in new[] { 2, 1, 3 }) Assert.True(_ledger.Arrive(_series, i));

        Assert.Equal((3, 1), (_ledger.Count().Arrived, _ledger.Count().OutOfOrder));
    }

    [Fact]
    public void Arrive_SeriesOfAnotherFleet_IsNotCounted()
    {
        Make(1);

        Assert.False(_ledger.Arrive(Guid.NewGuid(), 1));
        Assert.Equal(0, _ledger.Count().Arrived);
    }

    private void Make(int verdicts)
    {
        for (var i = 0; i < verdicts; i++) _ledger.Make(_series);
    }
}
