using System.Numerics;
using System.Runtime.CompilerServices;

namespace HeartSound.Signal;

/// <summary>
/// Natural logarithm of positive, normal floats in one fixed order of operations, fused where it says so, so that its bits are the
/// same on every machine (<see cref="Vector.Log(Vector{float})"/> fuses only where the hardware can).
/// Cephes' <c>logf</c> (S. Moshier, netlib.org/cephes): the largest error is about 1 ulp, 2e-6 near log(1e-10).
/// </summary>
internal static class LogMelLogarithm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Log(Vector<float> x)
    {
        // x = m · 2^e with m in [√½, √2): 0x3f3504f3 is √½, so subtracting it carries into the exponent exactly when m ≥ √½.
        var bits = Vector.AsVectorInt32(x) - new Vector<int>(0x3f3504f3);
        var exponent = Vector.ConvertToSingle(Vector.ShiftRightArithmetic(bits, 23));
        var m = Vector.AsVectorSingle((bits & new Vector<int>(0x007fffff)) + new Vector<int>(0x3f3504f3)) - Vector<float>.One;

        var z = m * m;
        var p = new Vector<float>(7.0376836292e-2f);
        p = Vector.FusedMultiplyAdd(p, m, new Vector<float>(-1.1514610310e-1f));
        p = Vector.FusedMultiplyAdd(p, m, new Vector<float>(1.1676998740e-1f));
        p = Vector.FusedMultiplyAdd(p, m, new Vector<float>(-1.2420140846e-1f));
        p = Vector.FusedMultiplyAdd(p, m, new Vector<float>(1.4249322787e-1f));
        p = Vector.FusedMultiplyAdd(p, m, new Vector<float>(-1.6668057665e-1f));
        p = Vector.FusedMultiplyAdd(p, m, new Vector<float>(2.0000714765e-1f));
        p = Vector.FusedMultiplyAdd(p, m, new Vector<float>(-2.4999993993e-1f));
        p = Vector.FusedMultiplyAdd(p, m, new Vector<float>(3.3333331174e-1f));
        p = p * m * z;

        // ln 2 in two parts: 0.693359375 has 9 bits, so its product with an exponent is exact.
        p = Vector.FusedMultiplyAdd(exponent, new Vector<float>(-2.12194440e-4f), p);
        p = Vector.FusedMultiplyAdd(z, new Vector<float>(-0.5f), p);
        return Vector.FusedMultiplyAdd(exponent, new Vector<float>(0.693359375f), m + p);
    }
}
