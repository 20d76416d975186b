using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace HeartSound.Signal;

/// <summary>The passes over all samples; each that is more than a call of <see cref="TensorPrimitives"/> has a plain version, its specification.</summary>
public sealed partial class SignalQuality
{
    // Sums of floats are carried in double from block to block, so that a large mean does not drown a small signal.
    private const int BlockSamples = 1024;

    /// <summary>Mean and variance.</summary>
    internal static (double Mean, double Variance) Moments(ReadOnlySpan<float> x)
    {
        double sum = 0, squares = 0;
        for (var i = 0; i < x.Length; i += BlockSamples)
        {
            var block = x.Slice(i, Math.Min(BlockSamples, x.Length - i));
            sum += TensorPrimitives.Sum(block);
            squares += TensorPrimitives.SumOfSquares(block);
        }

        var mean = sum / x.Length;
        return (mean, Math.Max(0, squares / x.Length - mean * mean));
    }

    /// <summary>Mean square of the difference of neighbours.</summary>
    internal static double MeanSquareStep(ReadOnlySpan<float> x)
    {
        var sum = 0.0;
        for (var i = 1; i < x.Length; i += BlockSamples)
        {
            var count = Math.Min(BlockSamples, x.Length - i);
            double distance = TensorPrimitives.Distance(x.Slice(i, count), x.Slice(i - 1, count));
            sum += distance * distance;
        }

        return x.Length > 1 ? sum / (x.Length - 1) : 0;
    }

    /// <summary>How many values are at most <paramref name="low"/> or at least <paramref name="high"/>.</summary>
    internal static int CountOutside(ReadOnlySpan<float> x, float low, float high)
    {
        var counts = Vector<int>.Zero;
        var lows = new Vector<float>(low);
        var highs = new Vector<float>(high);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(x);
        foreach (var v in vectors) counts -= Vector.LessThanOrEqual(v, lows) | Vector.GreaterThanOrEqual(v, highs);
        return Vector.Sum(counts) + CountOutsideScalar(x[(vectors.Length * Vector<float>.Count)..], low, high);
    }

    internal static int CountOutsideScalar(ReadOnlySpan<float> x, float low, float high)
    {
        var count = 0;
        foreach (var v in x) if (v <= low || v >= high) count++;
        return count;
    }

    /// <summary>How many values stand in runs of at least <paramref name="run"/> equal ones. A run that long holds two neighbours of a
    /// grid of half its length, so only where those are equal is anything looked at.</summary>
    internal static int CountFlat(ReadOnlySpan<float> x, int run)
    {
        var step = Math.Max(1, run / 2);
        var count = 0;
        for (var i = 0; i + step < x.Length; i += step)
        {
            if (x[i] != x[i + step]) continue;
            var from = i;
            while (from > 0 && x[from - 1] == x[i]) from--;
            var to = i + 1;
            while (to < x.Length && x[to] == x[i]) to++;
            if (to - from >= run) count += to - from;
            if (to > i + step) i = (to - 1) / step * step; // the next grid point lies behind the run
        }

        return count;
    }

    internal static int CountFlatScalar(ReadOnlySpan<float> x, int run)
    {
        var count = 0;
        for (var i = 0; i < x.Length;)
        {
            var end = i + 1;
            while (end < x.Length && x[end] == x[i]) end++;
            if (end - i >= run) count += end - i;
            i = end;
        }

        return count;
    }
}
