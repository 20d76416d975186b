using HeartSound.Edge.Doctor.Probes;

namespace HeartSound.Edge.Tests.Doctor;

public class SoundHeardTests
{
    [Fact]
    public void Add_Sine_HasItsLevelAndPeak()
    {
        var heard = new SoundHeard(4000);
        heard.Add(Enumerable.Range(0, 4000).Select(i => 0.25f + (0.5f * MathF.Sin(2 * MathF.PI * i / 40))).ToArray());

        Assert.Equal(-9.03, heard.LevelDb!.Value, 0.01); // 0.5/√2, the constant part left out
        Assert.Equal(0.75f, heard.Peak, 3);
        Assert.False(heard.IsSilent || heard.IsStuck);
        Assert.Equal(0, heard.Clipped);
        Assert.True(heard.IsEnough(1));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0.3f, false)]
    public void Add_OneValue_IsStuckAndSilentIfZero(float value, bool silent)
    {
        var heard = new SoundHeard(4000);
        var block = new float[400];
        Array.Fill(block, value);
        for (var i = 0; i < 10; i++) heard.Add(block);

        Assert.True(heard.IsStuck);
        Assert.Equal(silent, heard.IsSilent);
    }

    [Fact]
    public void Add_FullScale_IsCounted()
    {
        var heard = new SoundHeard(4000);
        heard.Add([1, -1, 0.5f, 0]);

        Assert.Equal(2, heard.Clipped);
    }

    [Fact]
    public void Nothing_IsNeitherSilentNorStuck()
    {
        var heard = new SoundHeard(4000);

        Assert.False(heard.IsSilent || heard.IsStuck);
        Assert.Null(heard.LevelDb);
        Assert.Null(heard.MeasuredHz);
    }
}
