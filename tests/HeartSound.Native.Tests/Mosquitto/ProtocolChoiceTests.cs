using HeartSound.Native.Mosquitto;

namespace HeartSound.Native.Tests.Mosquitto;

public sealed class ProtocolChoiceTests
{
    [Fact]
    public void Ended_LibraryWithoutMqtt5_StaysWithTheOlder()
    {
        var choice = new ProtocolChoice(hasMqtt5: false);
        foreach (var kind in Enum.GetValues<MosquittoFaultKind>())
        {
            Assert.False(choice.Ended(kind));
            Assert.Equal(MosquittoProtocol.Mqtt311, choice.Next);
        }
    }

    [Theory]
    [InlineData(MosquittoFaultKind.ProtocolRefused, true, MosquittoProtocol.Mqtt311)]
    [InlineData(MosquittoFaultKind.ClosedEarly, false, MosquittoProtocol.Mqtt311)]
    [InlineData(MosquittoFaultKind.Unreachable, false, MosquittoProtocol.Mqtt5)]
    [InlineData(MosquittoFaultKind.Silent, false, MosquittoProtocol.Mqtt5)]
    [InlineData(MosquittoFaultKind.Tls, false, MosquittoProtocol.Mqtt5)]
    [InlineData(MosquittoFaultKind.BadCredentials, false, MosquittoProtocol.Mqtt5)]
    [InlineData(MosquittoFaultKind.Lost, false, MosquittoProtocol.Mqtt5)]
    [InlineData(MosquittoFaultKind.Dismissed, false, MosquittoProtocol.Mqtt5)]
    public void Ended_Mqtt5_FallsBackOnlyWhereTheVersionMayBeTheReason(MosquittoFaultKind kind, bool atOnce, MosquittoProtocol next)
    {
        var choice = new ProtocolChoice(hasMqtt5: true);
        Assert.Equal(atOnce, choice.Ended(kind));
        Assert.Equal(next, choice.Next);
    }

    [Theory]
    [InlineData(MosquittoFaultKind.Lost, MosquittoProtocol.Mqtt311)]
    [InlineData(MosquittoFaultKind.BadCredentials, MosquittoProtocol.Mqtt311)]
    [InlineData(MosquittoFaultKind.Unreachable, MosquittoProtocol.Mqtt5)]
    [InlineData(MosquittoFaultKind.ClosedEarly, MosquittoProtocol.Mqtt5)]
    public void Ended_OlderProtocol_IsRememberedWhileItWorks(MosquittoFaultKind kind, MosquittoProtocol next)
    {
        var choice = new ProtocolChoice(hasMqtt5: true);
        choice.Ended(MosquittoFaultKind.ProtocolRefused);
        Assert.False(choice.Ended(kind), "never two attempts at once");
        Assert.Equal(next, choice.Next);
    }
}
