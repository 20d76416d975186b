using HeartSound.Edge.Outputs.Lights;

namespace HeartSound.Edge.Tests.Outputs.Lights;

public sealed class TerminalIndicatorTests : IDisposable
{
    private readonly StringWriter _writer = new() { NewLine = "\n" };

    public void Dispose() => _writer.Dispose();

    [Fact]
    public void Set_WhereNobodyLooks_WritesALineForEachSceneAndNoEscapeCodes()
    {
        using (var lamps = new TerminalIndicator(_writer, isTerminal: false))
        {
            for (var i = 0; i < 100; i++)
            {
                lamps.Begin(new Indication { Scene = Scene.Listening, HeartRateBpm = 60 + i });
                lamps.Set(i % 2 == 0 ? Lamps.Activity : Lamps.None);
            }

            lamps.Begin(new Indication { Scene = Scene.Listening, HeartRateBpm = 70, Verdict = VerdictLight.CannotTell });
            lamps.Begin(new Indication { Scene = Scene.Fault, Verdict = VerdictLight.Normal });
        }

        Assert.Equal("lights: listening\nlights: listening, cannot tell\nlights: fault\n", _writer.ToString());
    }

    [Fact]
    public void Set_OnATerminal_RewritesOneLineWithShapesThatDiffer()
    {
        using (var lamps = new TerminalIndicator(_writer, isTerminal: true))
        {
            lamps.Begin(new Indication { Scene = Scene.WaitingForContact, Verdict = VerdictLight.Abnormal });
            lamps.Set(Lamps.All);
        }

        var text = _writer.ToString();
        Assert.DoesNotContain('\n', text);
        foreach (var part in new[] { "◆", "●", "?", "▲", "waiting for contact, abnormal" }) Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.EndsWith("\r\u001b[2K", text, StringComparison.Ordinal);
    }
}
