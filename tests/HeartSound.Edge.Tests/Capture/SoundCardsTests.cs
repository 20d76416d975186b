using HeartSound.Edge.Capture;

namespace HeartSound.Edge.Tests.Capture;

public sealed class SoundCardsTests : IDisposable
{
    private readonly FabricatedCards _machine = new();

    [Fact]
    public void Read_UsbCard_HasItsWholeIdentity()
    {
        _machine.Plug(1, "Stethoscope", "1-2.1", "1209:5A7E", "STETH-0001");
        var card = Assert.Single(_machine.Cards.Read());
        Assert.Equal(new SoundCard(1, "Stethoscope", "Example Stethoscope", "1-2.1", "1209:5a7e", "STETH-0001"), card);
        Assert.True(card.IsUsb);
        Assert.True(File.Exists(_machine.Cards.PresenceFile(card)));
    }

    [Fact]
    public void Read_CardOfTheBoard_IsNotUsb()
    {
        _machine.Plug(0, "APE");
        var card = Assert.Single(_machine.Cards.Read());
        Assert.Equal(new SoundCard(0, "APE", "Example APE", null, null, null), card);
        Assert.False(card.IsUsb);
    }

    [Fact]
    public void Read_CardInUse_SaysByWhom()
    {
        _machine.Plug(1, "Stethoscope", "1-2.1", "1209:5a7e");
        Assert.Null(Assert.Single(_machine.Cards.Read()).User);
        _machine.Use(1, 1234, "arecord");
        Assert.Equal("arecord (1234)", Assert.Single(_machine.Cards.Read()).User);
    }

    [Fact]
    public void Read_SeveralCards_AreInTheKernelsOrder()
    {
        _machine.Plug(10, "Late", "2-1", "1209:0002");
        _machine.Plug(0, "APE");
        Assert.Equal([0, 10], _machine.Cards.Read().Select(c => c.Number));
    }

    [Fact]
    public void Read_NoCards_IsEmpty()
    {
        Assert.Empty(_machine.Cards.Read());
        Assert.Empty(new SoundCards("/nonexistent").Read());
    }

    [Fact]
    public void Listing_CardPulled_Changes()
    {
        _machine.Plug(1, "Stethoscope", "1-1", "1209:5a7e");
        var before = _machine.Cards.Listing;
        _machine.Pull(1);
        Assert.NotEqual(before, _machine.Cards.Listing);
    }

    public void Dispose() => _machine.Dispose();
}
