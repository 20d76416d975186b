using System.Numerics;

namespace HeartSound.Signal.Tests.Features;

public class LogMelLogarithmTests
{
    [Fact]
    public void Log_EveryMagnitude_IsWithinRounding()
    {
        var lanes = new float[Vector<float>.Count];
        for (var exponent = -126; exponent <= 127; exponent++)
        {
            for (var step = 0; step < 64; step += lanes.Length)
            {
                for (var lane = 0; lane < lanes.Length; lane++) lanes[lane] = MathF.ScaleB(1 + (step + lane) / 64f, exponent);

                var logarithms = LogMelLogarithm.Log(new Vector<float>(lanes));

                for (var lane = 0; lane < lanes.Length; lane++)
                {
                    var exact = Math.Log(lanes[lane]);
                    Assert.Equal(exact, logarithms[lane], 1e-7 * Math.Max(1, Math.Abs(exact)));
                }
            }
        }
    }

    [Fact]
    public void Log_One_IsZero() => Assert.Equal(Vector<float>.Zero, LogMelLogarithm.Log(Vector<float>.One));
}
