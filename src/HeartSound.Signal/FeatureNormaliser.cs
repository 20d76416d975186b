using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HeartSound.Signal;

/// <summary>
/// Brings a window of log-mel features to mean 0 and standard deviation 1, as <see cref="FrontEndSpec.Normalisation"/> says.
/// Keeps nothing between calls; safe for several threads.
/// </summary>
public sealed class FeatureNormaliser
{
    /// <summary>Least standard deviation that is divided by, in log units. float32 values near log(1e-10) are 2e-6 apart, so what varies
    /// by less than this is rounding, not sound; it stays near 0 in place of being blown up.</summary>
    public const double DeviationFloor = 1e-4;

    private readonly Normalisation _kind;
    private readonly int _bands;
    private readonly int _windowFrames;
    private readonly int _historyFrames;

    public FeatureNormaliser(FrontEndSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        (_kind, _bands, _windowFrames, _historyFrames) = (spec.Normalisation, spec.MelBands, spec.WindowFrames, spec.NormalisationFrames);
    }

    /// <summary>Normalises the last <see cref="FrontEndSpec.WindowFrames"/> frames of a history.</summary>
    /// <param name="history">Band <c>b</c>'s frames are <c>history[b·stride .. b·stride + historyFrames)</c>, oldest first; finite.</param>
    /// <param name="stride">Elements from one band to the next, at least <paramref name="historyFrames"/>.</param>
    /// <param name="historyFrames">Frames there are, at least a window. Of more than <see cref="FrontEndSpec.NormalisationFrames"/> the newest count.</param>
    /// <param name="window">[melBands, windowFrames], row-major; must not overlap the history.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Normalise(ReadOnlySpan<float> history, int stride, int historyFrames, Span<float> window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(historyFrames, _windowFrames);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, historyFrames);
        if (history.Length < (_bands - 1) * stride + historyFrames) throw new ArgumentException($"{history.Length} elements do not hold {_bands} bands {stride} apart", nameof(history));
        if (window.Length != _bands * _windowFrames) throw new ArgumentException($"a window has {_bands} × {_windowFrames} elements, not {window.Length}", nameof(window));

        if (_kind == Normalisation.Band)
        {
            var frames = Math.Min(historyFrames, _historyFrames);
            for (var band = 0; band < _bands; band++)
            {
                var values = history.Slice(band * stride + historyFrames - frames, frames);
                Scale(values[^_windowFrames..], Statistics(values), window.Slice(band * _windowFrames, _windowFrames));
            }

            return;
        }

        for (var band = 0; band < _bands; band++) history.Slice(band * stride + historyFrames - _windowFrames, _windowFrames).CopyTo(window[(band * _windowFrames)..]);
        if (_kind == Normalisation.Window) Scale(window, Statistics(window), window);
    }

    /// <summary>Mean and floored population standard deviation, in two passes. Value <c>i</c> is added to partial sum <c>i mod 16</c>
    /// on every machine, however wide its vectors are.</summary>
    internal static (double Mean, double Deviation) Statistics(ReadOnlySpan<float> values)
    {
        var mean = Sum(values) / values.Length;
        var variance = SumOfSquares(values, mean) / values.Length;
        return (mean, Math.Max(Math.Sqrt(variance), DeviationFloor));
    }

    private static double Sum(ReadOnlySpan<float> values)
    {
        Vector512<double> low = default, high = default;
        var blocks = MemoryMarshal.Cast<float, Vector512<float>>(values);
        foreach (ref readonly var block in blocks)
        {
            low += Vector512.WidenLower(block);
            high += Vector512.WidenUpper(block);
        }

        var rest = 0.0;
        foreach (var value in values[(blocks.Length * Vector512<float>.Count)..]) rest += value;
        return Total(low + high, rest);
    }

    /// <summary>Of the distances from <paramref name="origin"/>.</summary>
    private static double SumOfSquares(ReadOnlySpan<float> values, double origin)
    {
        Vector512<double> low = default, high = default;
        var centre = Vector512.Create(origin);
        var blocks = MemoryMarshal.Cast<float, Vector512<float>>(values);
        foreach (ref readonly var block in blocks)
        {
            var a = Vector512.WidenLower(block) - centre;
            var b = Vector512.WidenUpper(block) - centre;
            low += a * a;
            high += b * b;
        }

        var rest = 0.0;
        foreach (var value in values[(blocks.Length * Vector512<float>.Count)..]) rest += (value - origin) * (value - origin);
        return Total(low + high, rest);
    }

    // One after the other: the order is part of the result's bits.
    private static double Total(Vector512<double> sums, double rest)
    {
        for (var i = 0; i < Vector512<double>.Count; i++) rest += sums[i];
        return rest;
    }

    private static void Scale(ReadOnlySpan<float> values, (double Mean, double Deviation) moments, Span<float> result)
    {
        var (mean, factor) = (moments.Mean, 1 / moments.Deviation);
        var (centre, factors) = (Vector512.Create(mean), Vector512.Create(factor));
        var blocks = MemoryMarshal.Cast<float, Vector512<float>>(values);
        var scaled = MemoryMarshal.Cast<float, Vector512<float>>(result);
        for (var i = 0; i < blocks.Length; i++)
        {
            var (low, high) = Vector512.Widen(blocks[i]);
            scaled[i] = Vector512.Narrow((low - centre) * factors, (high - centre) * factors);
        }

        for (var i = blocks.Length * Vector512<float>.Count; i < values.Length; i++) result[i] = (float)((values[i] - mean) * factor);
    }
}
