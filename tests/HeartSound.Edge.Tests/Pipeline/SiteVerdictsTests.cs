using HeartSound.Edge.Pipeline;
using HeartSound.Signal;

namespace HeartSound.Edge.Tests.Pipeline;

public sealed class SiteVerdictsTests
{
    private static readonly string[] Labels = ["AS", "MR", "innocent"];

    /// <summary>Every way in which four sites can say alarm, normal or cannot tell.</summary>
    public static TheoryData<string> AllOfFour => [.. from a in "ANI" from b in "ANI" from c in "ANI" from d in "ANI" select $"{a}{b}{c}{d}"];

    [Theory]
    [MemberData(nameof(AllOfFour))]
    public void Combine_EveryMixture_IsAlarmIfAnyNormalOnlyIfAllElseInconclusive(string mixture)
    {
        var sites = new SiteVerdicts(Labels);
        for (var i = 0; i < mixture.Length; i++)
            sites.Keep((Site)i, mixture[i] switch { 'A' => Alarm(0.9 + i * 0.01, "AS"), 'N' => Normal(0.9 - i * 0.01), _ => Inconclusive(InconclusiveReason.Noise + i % 2) });
        var verdict = sites.Combine();

        bool? expected = mixture.Contains('A') ? true : mixture.Contains('I') ? null : false;
        Assert.Equal(expected, verdict.Alarm);
        Assert.Equal(expected is null, verdict.Answer == Verdict.Inconclusive);
        Assert.Equal(expected is null, verdict.Reason is not null);
        Assert.Equal(expected is null, verdict.Advice is not null);
        Assert.Equal(expected is null, verdict.Confidence is null);
        Assert.Equal(expected is null, verdict.Findings is null);
        Assert.Equal(mixture, string.Concat(verdict.Sites!.Select(s => s.Verdict.Alarm switch { true => 'A', false => 'N', null => 'I' })));
    }

    [Fact]
    public void Combine_SeveralAlarms_TheSurestDecidesAndAllFindingsAreNamedInTheModelsOrder()
    {
        var sites = new SiteVerdicts(Labels);
        sites.Keep(Site.Mitral, Alarm(0.7, "MR"));
        sites.Keep(Site.Aortic, Alarm(0.95, "AS"));
        sites.Keep(Site.Tricuspid, Normal(0.99) with { Findings = ["innocent"] });
        var verdict = sites.Combine();

        Assert.Equal("AS+MR+innocent", verdict.Answer);
        Assert.Equal(["AS", "MR", "innocent"], verdict.Findings);
        Assert.Equal((0.95, 0.95), (verdict.Confidence, verdict.AlarmProbability));
        Assert.Equal(0.95, verdict.Probabilities["AS"]);
    }

    [Fact]
    public void Combine_AllNormal_TheLeastSureDecides()
    {
        var sites = new SiteVerdicts(Labels);
        sites.Keep(Site.Aortic, Normal(0.9));
        sites.Keep(Site.Mitral, Normal(0.7));
        var verdict = sites.Combine();

        Assert.Equal(("normal", 0.7), (verdict.Answer, verdict.Confidence));
        Assert.Equal(0.3, verdict.AlarmProbability!.Value, 12);
        Assert.Equal(0.3, verdict.Probabilities["AS"], 12);
    }

    [Fact]
    public void Combine_SomeInconclusive_SaysWhyAndWhereOfTheFirst()
    {
        var sites = new SiteVerdicts(Labels);
        sites.Keep(Site.Aortic, Normal(0.9));
        sites.Keep(Site.Tricuspid, Inconclusive(InconclusiveReason.TooQuiet));
        sites.Keep(Site.Mitral, Inconclusive(InconclusiveReason.Noise));
        var verdict = sites.Combine();

        Assert.Equal(InconclusiveReason.TooQuiet, verdict.Reason);
        Assert.Equal("Tricuspid site (TV): Press the chest piece firmly on the skin.", verdict.Advice);
        Assert.Equal(0.1, verdict.AlarmProbability!.Value, 12); // the largest of all
        Assert.Equal(["AV", "TV", "MV"], verdict.Sites!.Select(s => s.Site.Code()));
    }

    [Fact]
    public void Combine_QualityIsSummedAndTheRateIsThatOfTheBestSite()
    {
        var sites = new SiteVerdicts(Labels);
        sites.Keep(Site.Aortic, Normal(0.9) with { HeartRateBpm = 144, StartSeconds = 10, EndSeconds = 20, Quality = Quality(0.5, 4, 10, 1) });
        sites.Keep(Site.Pulmonary, Normal(0.9) with { HeartRateBpm = 72, StartSeconds = 40, EndSeconds = 60, Quality = Quality(0.8, 8, 25, 0) });
        sites.Keep(Site.Mitral, Normal(0.9) with { HeartRateBpm = null, StartSeconds = 70, EndSeconds = 90, Quality = Quality(1, 12, 30, 2) });
        var verdict = sites.Combine();

        Assert.Equal(72, verdict.HeartRateBpm); // never a mean that nobody's heart beats at
        Assert.Equal((10, 90), (verdict.StartSeconds, verdict.EndSeconds));
        Assert.Equal((24, 21, 65), (verdict.Quality.Windows, verdict.Quality.AcceptedWindows, verdict.Quality.GoodSeconds));
        Assert.Equal((0.5 * 4 + 0.8 * 8 + 12) / 24, verdict.Quality.Score!.Value, 12);
        Assert.Equal((3, 3), (verdict.Quality.Rejected[QualityReason.Noise], verdict.Quality.Gaps));
        Assert.Equal([QualityReason.Noise], verdict.Quality.Rejected.Keys);
    }

    [Fact]
    public void Keep_SameSiteAgain_ReplacesItAndItIsTheLast()
    {
        var sites = new SiteVerdicts(Labels);
        sites.Keep(Site.Aortic, Inconclusive(InconclusiveReason.Noise));
        sites.Keep(Site.Mitral, Normal(0.9));
        sites.Keep(Site.Aortic, Normal(0.8));

        Assert.Equal([Site.Mitral, Site.Aortic], sites.Heard);
        Assert.Equal("normal", sites.Combine().Answer);
    }

    [Theory]
    [InlineData("A", LiveOpinion.Normal, LiveOpinion.Abnormal)]
    [InlineData("I", LiveOpinion.Normal, LiveOpinion.Unsure)]
    [InlineData("N", LiveOpinion.Normal, LiveOpinion.Normal)]
    [InlineData("N", LiveOpinion.None, LiveOpinion.None)]
    [InlineData("N", LiveOpinion.Abnormal, LiveOpinion.Abnormal)]
    [InlineData("AN", null, LiveOpinion.Abnormal)]
    [InlineData("NN", null, LiveOpinion.Normal)]
    [InlineData("", null, LiveOpinion.None)]
    public void Opinion_SitesThatWereHeard_NoneIsForgotten(string heard, LiveOpinion? current, LiveOpinion expected)
    {
        var sites = new SiteVerdicts(Labels);
        for (var i = 0; i < heard.Length; i++) sites.Keep((Site)i, heard[i] switch { 'A' => Alarm(0.9, "AS"), 'N' => Normal(0.9), _ => Inconclusive(InconclusiveReason.Noise) });

        Assert.Equal(expected, sites.Opinion(current));
    }

    [Fact]
    public void FromCode_OfEverySite_IsTheSite()
    {
        Assert.All(Enum.GetValues<Site>(), site => Assert.Equal(site, SiteNames.FromCode(site.Code())));
        Assert.All(new[] { null, "", "av", "AV ", "Aortic", "0" }, code => Assert.Null(SiteNames.FromCode(code)));
        Assert.All(Enum.GetValues<Site>(), site => Assert.Equal($"\"{site.Code()}\"", System.Text.Json.JsonSerializer.Serialize(site, EdgeJson.Compact)));
    }

    private static VerdictQuality Quality(double score, int windows, double good, int noisy) => new()
    {
        Score = score,
        Windows = windows,
        AcceptedWindows = windows - noisy,
        GoodSeconds = good,
        Gaps = noisy,
        Rejected = noisy == 0 ? new Dictionary<QualityReason, int>() : new Dictionary<QualityReason, int> { [QualityReason.Noise] = noisy },
    };

    private static Verdict Alarm(double probability, string finding) => new()
    {
        Answer = finding,
        Alarm = true,
        Findings = [finding],
        Confidence = probability,
        AlarmProbability = probability,
        Probabilities = new Dictionary<string, double> { ["AS"] = finding == "AS" ? probability : 0.1 },
        Quality = new VerdictQuality(),
    };

    private static Verdict Normal(double confidence) => new()
    {
        Answer = Verdict.Normal,
        Alarm = false,
        Findings = [],
        Confidence = confidence,
        AlarmProbability = 1 - confidence,
        Probabilities = new Dictionary<string, double> { ["AS"] = 1 - confidence },
        Quality = new VerdictQuality(),
    };

    private static Verdict Inconclusive(InconclusiveReason reason) => new()
    {
        Answer = Verdict.Inconclusive,
        Reason = reason,
        Advice = reason.Advice(),
        AlarmProbability = 0.05,
        Quality = new VerdictQuality(),
    };
}
