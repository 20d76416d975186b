using System.Xml.Linq;
using HeartSound.Edge.Outputs.Lights;

namespace HeartSound.Edge.Tests.Outputs.Lights;

public sealed class LightChartTests
{
    [Fact]
    public void Svg_CommittedPicture_IsWhatTheCodeDraws()
    {
        var svg = LightChart.Svg();
        Assert.Equal("svg", XDocument.Parse(svg).Root!.Name.LocalName);
        Assert.True(File.ReadAllText(Committed()) == svg, "docs/lights.svg is old: bin/heartsound lights --picture docs/lights.svg");
    }

    [Fact]
    public void Svg_EveryPicture_IsNamed() => Assert.All(LightScene.All, scene => Assert.Contains($">{scene.Name}</text>", LightChart.Svg(), StringComparison.Ordinal));

    private static string Committed()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "docs", "lights.svg");
            if (File.Exists(file)) return file;
        }

        throw new InvalidOperationException("docs/lights.svg is missing.");
    }
}
