using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Tests.Outputs;

public sealed class MqttOptionsTests
{
    [Theory]
    [InlineData("broker", "broker", null)]
    [InlineData("broker:1884", "broker", 1884)]
    [InlineData("10.0.0.1:65535", "10.0.0.1", 65535)]
    [InlineData("[::1]:1884", "::1", 1884)]
    [InlineData("::1", "::1", null)]
    public void TryParseBroker_HostAndPort_AreTakenApart(string text, string host, int? port)
    {
        Assert.True(MqttOptions.TryParseBroker(text, out var foundHost, out var foundPort));
        Assert.Equal((host, port), (foundHost, foundPort));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":1883")]
    [InlineData("broker:")]
    [InlineData("broker:0")]
    [InlineData("broker:65536")]
    [InlineData("broker:mqtt")]
    [InlineData("bro ker")]
    public void TryParseBroker_Nonsense_IsRefused(string text) => Assert.False(MqttOptions.TryParseBroker(text, out _, out _));

    [Theory]
    [InlineData("ward-3_bed7", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("a+", false)]
    [InlineData("#", false)]
    [InlineData("é", false)]
    [InlineData("a\n", false)]
    public void IsDeviceName_OnlyWhatFitsIntoATopic(string name, bool fits) => Assert.Equal(fits, Topics.IsDeviceName(name));
}
