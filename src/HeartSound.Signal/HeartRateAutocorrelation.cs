using System.Numerics.Tensors;

namespace HeartSound.Signal;

/// <summary>Correlation of a sequence of mean 0 with itself, lag by lag, each divided by the energy of the two parts that meet: −1 to 1.</summary>
internal static class HeartRateAutocorrelation
{
    /// <summary>Result <c>r[k]</c> is that of lag <c>k</c>; 0 where nothing overlaps or one part is constant 0.</summary>
    public static void Compute(ReadOnlySpan<float> x, Span<float> r)
    {
        for (var lag = 0; lag < r.Length; lag++)
        {
            if (lag >= x.Length)
            {
                r[lag] = 0;
                continue;
            }

            var head = x[..^lag];
            var tail = x[lag..];
            var energy = (double)TensorPrimitives.SumOfSquares(head) * TensorPrimitives.SumOfSquares(tail);
            r[lag] = energy > 0 ? (float)(TensorPrimitives.Dot(head, tail) / Math.Sqrt(energy)) : 0;
        }
    }

    /// <summary>The specification of <see cref="Compute"/>.</summary>
    public static void ComputeScalar(ReadOnlySpan<float> x, Span<float> r)
    {
        for (var lag = 0; lag < r.Length; lag++)
        {
            double product = 0, head = 0, tail = 0;
            for (var i = 0; i + lag < x.Length; i++)
            {
                product += (double)x[i] * x[i + lag];
                head += (double)x[i] * x[i];
                tail += (double)x[i + lag] * x[i + lag];
            }

            r[lag] = head * tail > 0 ? (float)(product / Math.Sqrt(head * tail)) : 0;
        }
    }
}
