using System.Globalization;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>
/// Which precisions a GPU can compute in. By its compute capability, such as <c>5.3</c> (Jetson Nano), <c>7.2</c> (Xavier), <c>8.7</c> (Orin). Source: the hardware precision matrix in
/// TensorRT's support matrix.
/// </summary>
public static class PrecisionRule
{
    private const double FirstWithFp16 = 5.3;

    /// <summary>GPUs that compute float16, but at a fraction of float32's speed.</summary>
    private const double SlowFp16 = 6.1;

    /// <summary>The first with instructions for sums of 8-bit products.</summary>
    private const double FirstWithInt8 = 6.1;

    private const double WithoutInt8 = 6.2;

    /// <summary>Why the precision is refused on this GPU; null when it can be used.</summary>
    /// <param name="precision">What is asked for.</param>
    /// <param name="computeCapability">The GPU's; null where nobody knows, and then only what is refused everywhere is refused.</param>
    /// <param name="hasCalibrationTable">Whether somebody measured the ranges of this model's activations.</param>
    public static string? WhyNot(EnginePrecision precision, string? computeCapability, bool hasCalibrationTable = false)
    {
        var capability = Parse(computeCapability);
        return precision switch
        {
            EnginePrecision.Fp32 => null,
            EnginePrecision.Fp16 when capability < FirstWithFp16 => $"the GPU (compute capability {computeCapability}) does not compute float16; float32 is used",
            EnginePrecision.Fp16 => null,
            EnginePrecision.Int8 when capability is >= 5 and < 6 =>
                $"the GPU (compute capability {computeCapability}, Maxwell) has no instructions for 8-bit integers: ResNet18 ran 44 times a second with them and 90 times in float16 on a Jetson Nano; choose fp16",
            EnginePrecision.Int8 when capability is < FirstWithInt8 or WithoutInt8 => $"the GPU (compute capability {computeCapability}) has no instructions for 8-bit integers; choose fp16",
            EnginePrecision.Int8 when !hasCalibrationTable => "8-bit integers need a calibration table of this very model, and it has none: without one its verdicts would be wrong; choose fp16",
            EnginePrecision.Int8 => null,
            _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Not a precision."),
        };
    }

    /// <summary>What is to be said about a precision that can be used; null where there is nothing.</summary>
    public static string? Caution(EnginePrecision precision, string? computeCapability) =>
        precision == EnginePrecision.Fp16 && Parse(computeCapability) == SlowFp16 ? $"the GPU (compute capability {computeCapability}) computes float16 slower than float32" : null;

    // NaN compares as false with everything: what is unknown is refused nothing.
    private static double Parse(string? computeCapability) =>
        double.TryParse(computeCapability, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var capability) ? capability : double.NaN;
}
