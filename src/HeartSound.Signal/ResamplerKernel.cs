using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HeartSound.Signal;

/// <summary>
/// The inner product of the resampler. The order of summation is fixed: product <c>i</c> goes to lane <c>i mod 32</c>, then the
/// lanes' halves are added until one is left, and no multiplication is fused with an addition. So the scalar, 128-bit and
/// 256-bit versions agree to the bit, here and on the device.
/// </summary>
internal static class ResamplerKernel
{
    /// <summary>Lengths are multiples of this. 32 keep four 256-bit sums going, which hides the latency of an addition.</summary>
    public const int Lanes = 32;

    /// <summary>Σ a[i] · b[i]; both of one length, a multiple of <see cref="Lanes"/>.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        Vector256.IsHardwareAccelerated ? Dot256(a, b)
        : Vector128.IsHardwareAccelerated ? Dot128(a, b)
        : DotScalar(a, b);

    /// <summary>The specification of <see cref="Dot"/>.</summary>
    internal static float DotScalar(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Span<float> lanes = stackalloc float[Lanes];
        lanes.Clear();
        for (var i = 0; i < a.Length; i++) lanes[i % Lanes] += a[i] * b[i];
        for (var half = Lanes / 2; half > 0; half /= 2)
            for (var lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
        return lanes[0];
    }

    internal static float Dot128(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var x = MemoryMarshal.Cast<float, Vector128<float>>(a);
        var y = MemoryMarshal.Cast<float, Vector128<float>>(b)[..x.Length];
        Vector128<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (var i = 0; i <= x.Length - 8; i += 8)
        {
            s0 += x[i] * y[i];
            s1 += x[i + 1] * y[i + 1];
            s2 += x[i + 2] * y[i + 2];
            s3 += x[i + 3] * y[i + 3];
            s4 += x[i + 4] * y[i + 4];
            s5 += x[i + 5] * y[i + 5];
            s6 += x[i + 6] * y[i + 6];
            s7 += x[i + 7] * y[i + 7];
        }

        return Sum((s0 + s4) + (s2 + s6) + ((s1 + s5) + (s3 + s7)));
    }

    internal static float Dot256(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var x = MemoryMarshal.Cast<float, Vector256<float>>(a);
        var y = MemoryMarshal.Cast<float, Vector256<float>>(b)[..x.Length];
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (var i = 0; i <= x.Length - 4; i += 4)
        {
            s0 += x[i] * y[i];
            s1 += x[i + 1] * y[i + 1];
            s2 += x[i + 2] * y[i + 2];
            s3 += x[i + 3] * y[i + 3];
        }

        var eight = (s0 + s2) + (s1 + s3);
        return Sum(eight.GetLower() + eight.GetUpper());
    }

    private static float Sum(Vector128<float> four)
    {
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two[0] + two[1];
    }
}
