using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Tests.Recordings;

public sealed class ChannelTests
{
    [Theory]
    [InlineData("mix", 0, "mix")]
    [InlineData("LEFT", 1, "left")]
    [InlineData(" right ", 2, "right")]
    [InlineData("1", 1, "left")]
    [InlineData("32", 32, "32")]
    public void Parse_KnownText_IsTheChannel(string text, int number, string name)
    {
        var channel = Channel.Parse(text);
        Assert.Equal(number, channel.Number);
        Assert.Equal(name, channel.ToString());
        Assert.Equal(channel, Channel.Parse(channel.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("33")]
    [InlineData("-1")]
    [InlineData("middle")]
    public void Parse_AnythingElse_SaysWhatItMustBe(string? text)
        => Assert.Contains("must be mix, left, right", Assert.Throws<FormatException>(() => Channel.Parse(text)).Message, StringComparison.Ordinal);
}
