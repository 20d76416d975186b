using System.Text;
using HeartSound.Edge.Remote;

namespace HeartSound.Edge.Tests.Remote;

public sealed class CommandReaderTests
{
    public static TheoryData<string, string> Malformed => new()
    {
        { "examination", "" },
        { "examination", "{}" },
        { "examination", "[]" },
        { "examination", "null" },
        { "examination", "\"start\"" },
        { "examination", """{"action":"begin"}""" },
        { "examination", """{"action":"START"}""" },
        { "examination", """{"action":1}""" },
        { "examination", """{"Action":"start"}""" },
        { "examination", """{"action":"start","site":"av"}""" },
        { "examination", """{"action":"start","site":"XX"}""" },
        { "examination", """{"action":"start","site":0}""" },
        { "examination", """{"action":"start","site":["AV"]}""" },
        { "examination", """{"action":"stop","site":"AV"}""" },
        { "examination", """{"action":"start","patient":"x"}""" },
        { "examination", """{"action":"start","action":"stop"}""" },
        { "examination", """{"action":"start","\u0061ction":"stop"}""" },
        { "examination", """{"action":"start"} {}""" },
        { "examination", """{"action":"start",}""" },
        { "examination", """{"action":"\ud800"}""" },
        { "examination", """{"\udc00":1}""" },
        { "examination", """{"action":"start","id":7}""" },
        { "examination", $$"""{"action":"start","id":"{{new string('x', 65)}}"}""" },
        { "examination", """{"action":"start","id":"\ud800"}""" },
        { "mute", "" },
        { "mute", "{}" },
        { "mute", """{"minutes":"5"}""" },
        { "mute", """{"minutes":-1}""" },
        { "mute", """{"minutes":60.01}""" },
        { "mute", """{"minutes":1e999}""" },
        { "mute", """{"minutes":null}""" },
        { "mute", """{"minutes":5,"for":1}""" },
        { "identify", """{"seconds":5}""" },
        { "restart-capture", """{"now":true}""" },
        { "restart-capture", "[[[[[[[[[[" },
        { "identify", "\u0000" },
        { "identify", "\ufeff{}" },
    };

    [Theory]
    [InlineData("examination", """{"action":"start"}""", "start")]
    [InlineData("examination", """{"action":"start","site":null}""", "start")]
    [InlineData("examination", """ {"site":"MV","action":"start"} """, "start at MV")]
    [InlineData("examination", """{"action":"stop"}""", "stop")]
    [InlineData("mute", """{"minutes":60}""", "60 min")]
    [InlineData("mute", """{"minutes":0.05}""", "0.05 min")]
    [InlineData("mute", """{"minutes":0}""", "0 min")]
    [InlineData("identify", "", "for a while")]
    [InlineData("identify", "{}", "for a while")]
    [InlineData("restart-capture", """{"id":null}""", "now")]
    public void Read_WellFormed_IsTheCommand(string name, string payload, string command)
    {
        var reading = Read(name, payload);
        Assert.Equal((command, null, null), (reading.Command?.ToString(), reading.Cause, reading.Message));
        Assert.Null(reading.Id);
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Read_Malformed_SaysSo(string name, string payload)
    {
        var reading = Read(name, payload);
        Assert.Equal((null, CommandCause.Malformed), (reading.Command, reading.Cause));
        Assert.NotEmpty(reading.Message!);
    }

    [Fact]
    public void Read_UnknownName_SaysSoAndEchoesTheId()
    {
        var reading = Read("self-destruct", """{"id":"7","when":"now"}""");
        Assert.Equal((CommandCause.Unknown, "7"), (reading.Cause, reading.Id));
    }

    [Fact]
    public void Read_MalformedWithAGoodId_EchoesIt() => Assert.Equal("ü-1", Read("mute", """{"id":"ü-1","minutes":"x"}""").Id);

    [Fact]
    public void Read_AtAndOverTheLimit_IsReadAndRefused()
    {
        var most = $$"""{"id":"x"{{new string(' ', Command.MostBytes - 10)}}}""";
        Assert.Equal(Command.MostBytes, Encoding.UTF8.GetByteCount(most));
        Assert.NotNull(Read("identify", most).Command);
        Assert.Equal(CommandCause.Malformed, Read("identify", most + " ").Cause);
        Assert.Equal(CommandCause.Malformed, CommandReader.Read("identify", new byte[50_000_000]).Cause);
    }

    [Fact]
    public void Read_NoUtf8_IsRefused()
    {
        foreach (var bytes in new byte[][] { [0xff, 0xfe], [(byte)'{', (byte)'"', 0xc3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}'], [.. "{\"id\":\""u8, 0xed, 0xa0, 0x80, .. "\"}"u8] })
            Assert.Equal(CommandCause.Malformed, CommandReader.Read("identify", bytes).Cause);
    }

    /// <summary>Good commands with bytes changed, left out, doubled and put in, and bytes that were never good: each is read or refused.</summary>
    [Fact]
    public void Read_HundredThousandDamagedPayloads_ThrowsNothing()
    {
        var random = new Random(20260301);
        byte[][] good = [.. new[] { """{"action":"start","site":"AV","id":"a"}""", """{"minutes":5.5,"id":"\u00fc\n"}""", """{"id":"é"}""", """{"a":[[1,{"b":null}]]}""" }.Select(Encoding.UTF8.GetBytes)];
        var commands = 0;
        for (var i = 0; i < 100_000; i++)
        {
            List<byte> payload = [.. good[random.Next(good.Length)]];
            for (var change = random.Next(6); change > 0; change--)
            {
                var at = random.Next(payload.Count);
                switch (random.Next(4))
                {
                    case 0: payload[at] = (byte)random.Next(256); break;
                    case 1: payload.RemoveAt(at); break;
                    case 2: payload.Insert(at, payload[random.Next(payload.Count)]); break;
                    default: payload.InsertRange(at, payload.GetRange(0, at)); break;
                }
            }

            var reading = CommandReader.Read(Command.Names[random.Next(Command.Names.Count)], payload.ToArray());
            Assert.True(reading.Command is null == reading.Cause is not null && reading.Id is not { Length: > Command.MostIdChars });
            if (reading.Command is not null) commands++;
        }

        Assert.InRange(commands, 1000, 90_000); // both ways are taken
    }

    private static CommandReading Read(string name, string payload) => CommandReader.Read(name, Encoding.UTF8.GetBytes(payload));
}
