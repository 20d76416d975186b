using System.Xml;
using System.Xml.Linq;
using HeartSound.Edge.Report;

namespace HeartSound.Edge.Tests.Report;

public sealed class HtmlReportTests
{
    private static string Text(IReadOnlyList<ReportedRecording> recordings, ReportInfo? info = null)
    {
        using var writer = new StringWriter();
        HtmlReport.Write(writer, recordings, info ?? SampleReport.Info);
        return writer.ToString();
    }

    private static XElement Page(IReadOnlyList<ReportedRecording> recordings, ReportInfo? info = null) => Parse(Text(recordings, info));

    private static XElement Parse(string text)
    {
        using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        return XDocument.Load(reader).Root!;
    }

    private static IEnumerable<XElement> WithClass(XElement page, string name) => page.Descendants().Where(e => ((string?)e.Attribute("class") ?? "").Split(' ').Contains(name));

    [Fact]
    public void Write_EachOutcome_IsCountedListedAndShown()
    {
        var recordings = SampleReport.All();
        var page = Page(recordings);

        var tiles = WithClass(page, "tiles").Single().Elements("li").ToDictionary(li => (string)li.Attribute("class")!, li => li.Element("b")!.Value);
        Assert.Equal(new Dictionary<string, string> { ["abnormal"] = "1", ["inconclusive"] = "1", ["normal"] = "1", ["failed"] = "1" }, tiles);
        Assert.Contains("1 uncertain", WithClass(page, "tiles").Single().Value, StringComparison.Ordinal);

        var rows = page.Descendants("tbody").Single().Elements("tr").ToList();
        var cards = page.Descendants("article").ToList();
        Assert.Equal(recordings.Select(r => r.File), rows.Select(row => row.Element("th")!.Value));
        Assert.Equal(recordings.Select(r => r.File), cards.Select(card => card.Element("h3")!.Value));
        Assert.Equal(cards.Select(card => "#" + (string)card.Attribute("id")!), rows.Select(row => (string)row.Descendants("a").Single().Attribute("href")!));
        Assert.Equal(3, WithClass(page, "picture").Count());
        Assert.Contains("0 bytes", cards[3].Value, StringComparison.Ordinal);
        Assert.Contains("not a medical device", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NoRecordings_SaysSo()
    {
        var page = Page([]);
        Assert.Contains("no recordings", page.Value, StringComparison.Ordinal);
        Assert.Empty(page.Descendants("table"));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>.wav")]
    [InlineData("\"><img src=x onerror=alert(1)>.wav")]
    [InlineData("' onmouseover='alert(1)&amp;&#60;.wav")]
    [InlineData("]]><!-- --></style></title><b>.wav")]
    public void Write_HostileText_StaysText(string hostile)
    {
        var recording = SampleReport.Judged("normal", 0.1) with
        {
            File = hostile,
            Verdict = hostile,
            Alarm = true,
            Reason = hostile,
            Advice = hostile,
            Warning = hostile,
            Probabilities = [new(hostile, 0.5)],
            Windows = [new ReportedWindow { StartSeconds = 0, EndSeconds = 20, Accepted = false, Reason = hostile }],
        };
        var info = SampleReport.Info with { Title = hostile, ModelId = hostile, Provider = hostile, AlarmLabels = [hostile] };
        var text = Text([recording, SampleReport.Failed(hostile)], info);
        var page = Parse(text);

        Assert.Equal(hostile, page.Descendants("h3").First().Value);
        Assert.Equal(hostile, page.Descendants("h1").Single().Value);
        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "img" or "b" && e.Value.Contains("alert", StringComparison.Ordinal));
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.DoesNotContain("<script", text, StringComparison.OrdinalIgnoreCase); // also for a parser of HTML, not XML
        Assert.DoesNotContain("<img", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<!--", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TextThatXmlCannotHold_IsReplaced()
        => Assert.Equal("a\uFFFDb\uFFFDc\uFFFD\uFFFDd\U0001F493.wav", Page([SampleReport.Failed("a\u001bb\0c\ud800\uffffd\U0001F493.wav")]).Descendants("h3").Single().Value);

    [Fact]
    public void Write_Page_LoadsNothingAndRunsNothing()
    {
        var page = Page(SampleReport.All());
        Assert.Empty(page.Descendants("script"));
        Assert.Empty(page.Descendants("link"));
        foreach (var reference in page.Descendants().Attributes().Where(a => a.Name.LocalName is "href" or "src").Select(a => a.Value))
            Assert.True(reference.StartsWith('#') || reference.StartsWith("data:image/png;base64,", StringComparison.Ordinal), reference);
        Assert.Contains(page.Descendants("meta"), meta => ((string?)meta.Attribute("content"))?.Contains("default-src 'none'", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Write_Page_IsTheSameToAParserOfHtmlAndOfXml()
    {
        var text = Text(SampleReport.All());
        Assert.StartsWith("<!DOCTYPE html>", text, StringComparison.Ordinal);
        string[] mayBeVoid = ["meta", "input", "path", "use", "rect", "image"];
        foreach (var tag in System.Text.RegularExpressions.Regex.Matches(text, @"<(\w+)[^>]*/>").Select(match => match.Groups[1].Value))
            Assert.Contains(tag, mayBeVoid);
        Assert.DoesNotMatch("[&<>\uFFFD]", Parse(text).Descendants("style").Single().Value);
    }

    [Fact]
    public void Write_Pictures_HaveTextForThoseWhoDoNotSee()
    {
        var page = Page(SampleReport.All());
        var ids = page.Descendants().Attributes("id").Select(a => a.Value).ToList();
        Assert.Equal(ids.Distinct(), ids);
        foreach (var svg in page.Descendants("svg").Where(svg => (string?)svg.Attribute("aria-hidden") != "true"))
        {
            Assert.Equal("img", (string?)svg.Attribute("role"));
            foreach (var id in ((string)svg.Attribute("aria-labelledby")!).Split(' ')) Assert.Contains(id, ids);
        }

        Assert.Contains("8 of 11 windows used", WithClass(page, "picture").First().Element("desc")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_RejectedWindows_AreHatchedWithTheirReason()
    {
        var recording = SampleReport.Judged("normal", 0.1) with
        {
            Windows =
            [
                new ReportedWindow { StartSeconds = 0, EndSeconds = 10, Accepted = true, AlarmProbability = 0.2 },
                new ReportedWindow { StartSeconds = 8, EndSeconds = 20, Accepted = false, Reason = "spikes" },
                new ReportedWindow { StartSeconds = 18, EndSeconds = 28, Accepted = true, AlarmProbability = 0.2 },
            ],
        };
        var unused = WithClass(Page([recording]), "unused").Select(g => g.Element("title")!.Value);
        Assert.Equal(["10.0 to 18.0 s not used: spikes", "28.0 to 30.0 s not used: no whole window"], unused);
    }

    [Fact]
    public void Write_TwoHours_StaysWithin150KilobytesARecording()
    {
        var length = Text([SampleReport.Judged("abnormal", 0.6, seconds: 7200)]).Length - Text([]).Length;
        Assert.InRange(length, 20_000, 150_000);
    }

    [Fact]
    public void Write_MorePicturesThanAllowed_LeavesOutThoseOfNormalOnes()
    {
        var page = Page([SampleReport.Judged("normal", 0.1), SampleReport.Judged("abnormal", 0.9)], SampleReport.Info with { MaxPictures = 1 });
        var cards = page.Descendants("article").ToList();
        Assert.Empty(WithClass(cards[0], "picture"));
        Assert.Contains("Pictures are shown for 1", cards[0].Value, StringComparison.Ordinal);
        Assert.Single(WithClass(cards[1], "picture"));
    }

    [Fact]
    public void Write_NumbersThatAreNone_AreNoCoordinates()
    {
        var recording = SampleReport.Judged("normal", 0.1) with
        {
            AlarmProbability = double.NaN,
            Probabilities = [new("normal", double.NaN)],
            WaveformMin = [float.NaN, -1, float.NegativeInfinity],
            WaveformMax = [float.NaN, 1, 1],
            Windows = [new ReportedWindow { StartSeconds = 0, EndSeconds = 5, Accepted = true, AlarmProbability = double.NaN }],
        };
        foreach (var attribute in Page([recording]).Descendants().Attributes())
            Assert.DoesNotMatch("NaN|Infinity|∞", attribute.Value);
    }
}
