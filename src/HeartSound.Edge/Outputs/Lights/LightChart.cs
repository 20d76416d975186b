using System.Globalization;
using System.Text;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>Every picture of the lamps over time, as an SVG: a row a picture, a lane a lamp, each in its colour, its place and with its shape. The same code as the lamps.</summary>
public static class LightChart
{
    private const int Left = 330;
    private const int Top = 64;
    private const int RowHeight = 46;
    private const int LaneHeight = 9;
    private const int PixelsPerSecond = 90;
    private const int Seconds = 6;
    private const int StepMilliseconds = 10;

    private static readonly (Lamps Lamp, string Colour, string Shape, string Name)[] Lanes =
    [
        (Lamps.Activity, "#2f7de1", "◆", "activity"), (Lamps.Normal, "#2a9d4a", "●", "normal"), (Lamps.Unsure, "#e0a100", "?", "unsure"), (Lamps.Abnormal, "#d43a2f", "▲", "abnormal"),
    ];

    public static string Svg()
    {
        const int Width = Left + (Seconds * PixelsPerSecond) + 20;
        var height = Top + (LightScene.All.Count * RowHeight) + 10;
        var svg = new StringBuilder();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" font-family="system-ui, sans-serif" font-size="13">""");
        Line(svg, $"""<title>The lamps of HeartSound.Edge over {Seconds} seconds</title>""");
        Line(svg, $"""<rect width="{Width}" height="{height}" fill="#fff"/>""");
        Legend(svg);
        for (var second = 0; second <= Seconds; second++)
        {
            var x = Left + (second * PixelsPerSecond);
            Line(svg, $"""<path d="M{x} {Top - 8}V{height - 10}" stroke="#ddd"/><text x="{x}" y="{Top - 12}" text-anchor="middle" fill="#666" font-size="11">{second} s</text>""");
        }

        for (var row = 0; row < LightScene.All.Count; row++) Row(svg, LightScene.All[row], Top + (row * RowHeight));
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Legend(StringBuilder svg)
    {
        for (var i = 0; i < Lanes.Length; i++)
        {
            var x = 10 + (i * 110);
            Line(svg, $"""<text x="{x}" y="22" fill="{Lanes[i].Colour}">{Lanes[i].Shape}</text><text x="{x + 16}" y="22" fill="#222">{Lanes[i].Name}</text>""");
        }
    }

    private static void Row(StringBuilder svg, LightScene scene, int top)
    {
        Line(svg, $"""<text x="10" y="{top + 17}" fill="#111" font-weight="600">{scene.Name}</text><text x="10" y="{top + 33}" fill="#444" font-size="12">{scene.Meaning}</text>""");
        for (var lane = 0; lane < Lanes.Length; lane++)
        {
            var y = top + (lane * LaneHeight);
            Line(svg, $"""<rect x="{Left}" y="{y}" width="{Seconds * PixelsPerSecond}" height="{LaneHeight - 2}" fill="#f3f3f3"/>""");
            foreach (var (from, to) in Lit(scene, Lanes[lane].Lamp))
            {
                var x = Left + (from * PixelsPerSecond / 1000.0);
                var width = (to - from) * PixelsPerSecond / 1000.0;
                Line(svg, $"""<rect x="{x:0.##}" y="{y}" width="{width:0.##}" height="{LaneHeight - 2}" fill="{Lanes[lane].Colour}"/>""");
            }
        }
    }

    // From and to in milliseconds. The lamp test is played once, then darkness.
    private static IEnumerable<(int From, int To)> Lit(LightScene scene, Lamps lamp)
    {
        var from = -1;
        for (var time = 0; time <= Seconds * 1000; time += StepMilliseconds)
        {
            var isOver = time == Seconds * 1000 || (scene.Indication is null && time >= LightPattern.LampTest.Period.TotalMilliseconds);
            var isLit = !isOver && (scene.At(TimeSpan.FromMilliseconds(time)) & lamp) != 0;
            if (isLit && from < 0) from = time;
            if (isLit || from < 0) continue;
            yield return (from, time);
            from = -1;
        }
    }

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
