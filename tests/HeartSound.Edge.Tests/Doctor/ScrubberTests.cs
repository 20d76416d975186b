using System.Text.Json.Nodes;
using HeartSound.Edge.Doctor.Bundle;

namespace HeartSound.Edge.Tests.Doctor;

public class ScrubberTests
{
    private static readonly Scrubber Scrubber = new(["nightnurse", "ab", null]);

    [Theory]
    [InlineData("Connected as nightnurse to the broker", "nightnurse")]
    [InlineData("password=hunter2", "hunter2")]
    [InlineData("\"password\": \"hunter2\",", "hunter2")]
    [InlineData("Token: hunter2", "hunter2")]
    [InlineData("mqtt://someone:hunter2@broker:1883", "hunter2")]
    [InlineData("mqtt://someone:hunter2@broker:1883", "someone")]
    [InlineData("key 00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF!", "00112233445566778899aabbccddeeff")]
    [InlineData("/home/maria/settings.json: no", "maria")]
    [InlineData("2026-03-01T12:00:00+0000 host heartsound[12]: 12:00:00 ward-3 #4  ▲ abnormal  alarm 93 %  72 bpm", "abnormal")]
    [InlineData("2026-03-01T12:00:00+0000 host heartsound[12]: {\"verdict\":\"normal\",\"heartRateBpm\":72}", "72")]
    [InlineData("STATUS=Last: ● normal, 71 bpm", "71")]
    public void Text_WithASecret_LosesIt(string line, string secret)
    {
        var scrubbed = Scrubber.Text($"before\n{line}\nbehind");

        Assert.DoesNotContain(secret, scrubbed, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("before\n", scrubbed, StringComparison.Ordinal);
        Assert.EndsWith("\nbehind", scrubbed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Opened 'Stethoscope: USB Audio (hw:1,0)', usbPath 1-2, usbId 1209:5a7e:STETH-0001")]
    [InlineData("From Slow to Normal: CPU-therm is 70.5 °C")]
    [InlineData("record.keyFile: /etc/heartsound/record.key: chmod 600")]
    [InlineData("\"passwordFile\": \"/etc/heartsound/password\"")]
    [InlineData("about 3 tables, model physionet2016-cnn-small")]
    public void Text_WithoutASecret_Stays(string line) => Assert.Equal(line, Scrubber.Text(line));

    [Fact]
    public void Json_Texts_AreScrubbedInPlace()
    {
        var scrubbed = Scrubber.Json(JsonNode.Parse("""{ "a": [ { "message": "as nightnurse" }, 7, null ], "status": "▲ abnormal" }"""))!.ToJsonString();

        Assert.Equal("""{"a":[{"message":"as (removed)"},7,null],"status":"(a verdict was here)"}""", scrubbed);
    }
}
