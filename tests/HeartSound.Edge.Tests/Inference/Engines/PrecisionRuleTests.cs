using HeartSound.Edge.Inference.Engines;

namespace HeartSound.Edge.Tests.Inference.Engines;

public sealed class PrecisionRuleTests
{
    [Theory]
    [InlineData(EnginePrecision.Fp32, "5.0", false, null)]
    [InlineData(EnginePrecision.Fp16, "5.2", false, "does not compute float16")]
    [InlineData(EnginePrecision.Fp16, "5.3", false, null)]
    [InlineData(EnginePrecision.Fp16, "6.1", false, null)]
    [InlineData(EnginePrecision.Fp16, "8.7", false, null)]
    [InlineData(EnginePrecision.Fp16, null, false, null)]
    [InlineData(EnginePrecision.Int8, "5.3", true, "Maxwell")]
    [InlineData(EnginePrecision.Int8, "5.0", true, "Maxwell")]
    [InlineData(EnginePrecision.Int8, "6.0", true, "no instructions for 8-bit integers; choose fp16")]
    [InlineData(EnginePrecision.Int8, "6.1", true, null)]
    [InlineData(EnginePrecision.Int8, "6.2", true, "no instructions for 8-bit integers; choose fp16")]
    [InlineData(EnginePrecision.Int8, "7.2", true, null)]
    [InlineData(EnginePrecision.Int8, "7.2", false, "calibration table")]
    [InlineData(EnginePrecision.Int8, "10.0", true, null)]
    [InlineData(EnginePrecision.Int8, null, false, "calibration table")]
    [InlineData(EnginePrecision.Int8, null, true, null)]
    public void WhyNot_Gpu_SaysWhatItCannotDo(EnginePrecision precision, string? capability, bool hasTable, string? expected)
    {
        var why = PrecisionRule.WhyNot(precision, capability, hasTable);
        if (expected is null) Assert.Null(why);
        else Assert.Contains(expected, why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EnginePrecision.Fp16, "6.1", true)]
    [InlineData(EnginePrecision.Fp16, "6.2", false)]
    [InlineData(EnginePrecision.Fp32, "6.1", false)]
    [InlineData(EnginePrecision.Fp16, null, false)]
    public void Caution_Fp16ThatIsSlow_SaysSo(EnginePrecision precision, string? capability, bool isSlow) => Assert.Equal(isSlow, PrecisionRule.Caution(precision, capability) is not null);
}
