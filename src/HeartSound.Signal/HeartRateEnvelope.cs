using System.Numerics.Tensors;

namespace HeartSound.Signal;

/// <summary>The loudness of a window about 100 times a second: RMS of consecutive blocks, smoothed over about 60 ms (half width).</summary>
internal sealed class HeartRateEnvelope
{
    /// <summary>Three running means of five values are nearly a Gaussian of σ = 2.4 values: longer than the ripple inside a heart sound, shorter than a sound.</summary>
    private const int Smoothings = 3;

    private readonly int _blockSamples;
    private float[] _values;
    private float[] _smoothed;

    public HeartRateEnvelope(int sampleRateHz)
    {
        _blockSamples = Math.Max(1, (int)Math.Round(sampleRateHz / 100.0));
        RateHz = (double)sampleRateHz / _blockSamples;
        _values = new float[(int)(60 * RateHz)]; // the longest window a spec allows
        _smoothed = new float[(int)(65 * RateHz)]; // and a stretch that one completes
    }

    /// <summary>Values a second.</summary>
    public double RateHz { get; }

    /// <summary>Valid until the next call.</summary>
    public Span<float> Of(ReadOnlySpan<float> window)
    {
        var values = Blocks(window);
        Smooth(values);
        return values;
    }

    /// <summary>As it is before it is smoothed; valid until the next call.</summary>
    public Span<float> Blocks(ReadOnlySpan<float> window)
    {
        var count = window.Length / _blockSamples;
        if (count > _values.Length) _values = new float[count];
        var values = _values.AsSpan(0, count);
        for (var i = 0; i < count; i++)
            values[i] = MathF.Sqrt(TensorPrimitives.SumOfSquares(window.Slice(i * _blockSamples, _blockSamples)) / _blockSamples);

        return values;
    }

    /// <summary>Smooths <see cref="Blocks"/>, of one window or of several that follow one another.</summary>
    public void Smooth(Span<float> values)
    {
        if (values.Length > _smoothed.Length) _smoothed = new float[values.Length];
        var smoothed = _smoothed.AsSpan(0, values.Length);
        for (var pass = 0; pass < Smoothings; pass++)
        {
            Smooth(values, smoothed);
            smoothed.CopyTo(values);
        }
    }

    /// <summary>Mean of five neighbours; at the ends of those there are.</summary>
    private static void Smooth(ReadOnlySpan<float> x, Span<float> y)
    {
        for (var i = 2; i < x.Length - 2; i++) y[i] = (x[i - 2] + x[i - 1] + x[i] + x[i + 1] + x[i + 2]) * 0.2f;
        for (var i = 0; i < x.Length; i++)
        {
            if (i == 2 && x.Length > 4) i = x.Length - 2;
            var from = Math.Max(0, i - 2);
            var to = Math.Min(x.Length, i + 3);
            var sum = 0f;
            for (var k = from; k < to; k++) sum += x[k];
            y[i] = sum / (to - from);
        }
    }
}
