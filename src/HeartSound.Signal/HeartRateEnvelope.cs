using System.Numerics.Tensors;

namespace HeartSound.Signal;

/// <summary>The loudness of a window at about 100 values a second: RMS of consecutive blocks, mean taken out.</summary>
internal sealed class HeartRateEnvelope
{
    private float[] _values;

    public HeartRateEnvelope(int sampleRateHz)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 500);
        BlockSamples = Math.Max(1, (int)Math.Round(sampleRateHz / 100.0));
        RateHz = (double)sampleRateHz / BlockSamples;
        _values = new float[(int)(60 * RateHz)];
    }

    public int BlockSamples { get; }

    public double RateHz { get; }

    /// <summary>Valid until the next call.</summary>
    public Span<float> Of(ReadOnlySpan<float> window)
    {
        var count = window.Length / BlockSamples;
        if (count > _values.Length) _values = new float[count];
        var values = _values.AsSpan(0, count);
        for (var i = 0; i < count; i++)
            values[i] = MathF.Sqrt(TensorPrimitives.SumOfSquares(window.Slice(i * BlockSamples, BlockSamples)) / BlockSamples);
        if (count == 0) return values;
        TensorPrimitives.Subtract(values, TensorPrimitives.Sum(values) / count, values);
        return values;
    }
}
