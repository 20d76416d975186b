using HeartSound.Edge.Records;

namespace HeartSound.Edge.Tests.Records;

public sealed class RecordKeyTests : RecordTest
{
    [Fact]
    public void Load_KeyWithNewline_IsRead() => Assert.Equal(Key.Id.ToArray(), RecordKey.Load(WriteKey("again", File.ReadAllText(KeyFile) + "\n")).Id.ToArray());

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Load_OthersMayReadIt_IsRefused(UnixFileMode others)
    {
        var file = WriteKey("open", RecordKey.Generate(), UnixFileMode.UserRead | others);

        Assert.Contains("chmod 600", Assert.Throws<RecordException>(() => RecordKey.Load(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123")]
    [InlineData("zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef00")]
    public void Load_NoKey_IsRefusedWithoutShowingIt(string text)
    {
        var message = Assert.Throws<RecordException>(() => RecordKey.Load(WriteKey("bad", text))).Message;

        Assert.Contains("64 hexadecimal digits", message, StringComparison.Ordinal);
        Assert.True(text.Length == 0 || !message.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_NoFile_SaysWhichIsMissing() => Assert.Contains("/no/such/key", Assert.Throws<RecordException>(() => RecordKey.Load("/no/such/key")).Message, StringComparison.Ordinal);
}
