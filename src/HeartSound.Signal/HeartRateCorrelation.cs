using System.Numerics.Tensors;

namespace HeartSound.Signal;

/// <summary>Correlation of a sequence of mean 0 with itself, lag by lag, each divided by the energy of the two parts that meet: −1 to 1.</summary>
internal static class HeartRateCorrelation
{
    /// <summary>A part with less than this share of all energy is as good as silent; its correlation means nothing and is 0.</summary>
    private const double Negligible = 1e-6;

    /// <summary>Result <c>r[k]</c> is that of lag <c>k</c>; 0 where nothing overlaps or one part is silent.</summary>
    public static void Compute(ReadOnlySpan<float> x, Span<float> r)
    {
        var total = 0.0; // in double: the energies of short overlaps are small differences from it
        foreach (var value in x) total += (double)value * value;
        var head = total;
        var tail = total;
        for (var lag = 0; lag < r.Length; lag++)
        {
            if (lag >= x.Length)
            {
                r[lag] = 0;
                continue;
            }

            if (lag > 0)
            {
                head -= (double)x[^lag] * x[^lag];
                tail -= (double)x[lag - 1] * x[lag - 1];
            }

            r[lag] = head > Negligible * total && tail > Negligible * total
                ? (float)(TensorPrimitives.Dot(x[..^lag], x[lag..]) / Math.Sqrt(head * tail))
                : 0;
        }
    }

    /// <summary>The specification of <see cref="Compute"/>.</summary>
    public static void ComputeScalar(ReadOnlySpan<float> x, Span<float> r)
    {
        var total = 0.0;
        foreach (var value in x) total += (double)value * value;
        for (var lag = 0; lag < r.Length; lag++)
        {
            double product = 0, head = 0, tail = 0;
            for (var i = 0; i + lag < x.Length; i++)
            {
                product += (double)x[i] * x[i + lag];
                head += (double)x[i] * x[i];
                tail += (double)x[i + lag] * x[i + lag];
            }

            r[lag] = head > Negligible * total && tail > Negligible * total ? (float)(product / Math.Sqrt(head * tail)) : 0;
        }
    }
}
