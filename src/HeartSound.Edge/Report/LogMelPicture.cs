namespace HeartSound.Edge.Report;

/// <summary>Log-mel values as a picture, low frequencies at the bottom, already encoded: some 30 kB instead of 200.</summary>
public sealed record LogMelPicture
{
    private LogMelPicture(byte[] png, int columns, int melBands, double melLowHz, double melHighHz)
        => (Png, Columns, MelBands, MelLowHz, MelHighHz) = (png, columns, melBands, melLowHz, melHighHz);

    public ReadOnlyMemory<byte> Png { get; }

    public int Columns { get; }

    public int MelBands { get; }

    public double MelLowHz { get; }

    public double MelHighHz { get; }

    /// <summary>
    /// Colours values of shape [melBands, columns]. The darkest colour stands for the 2nd percentile and the brightest for the 99.5th,
    /// so that one click does not turn the rest black. NaN and infinities are the darkest.
    /// </summary>
    public static LogMelPicture Of(ReadOnlySpan<float> values, int melBands, double melLowHz, double melHighHz)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(melBands, 1);
        if (values.Length == 0 || values.Length % melBands != 0) throw new ArgumentException("the values are not whole bands", nameof(values));
        var columns = values.Length / melBands;
        var (low, high) = Range(values);
        var scale = high > low ? (ColourMap.Colours - 1) / (high - low) : 0;
        var pixels = new byte[values.Length];
        for (var b = 0; b < melBands; b++)
        {
            var band = values.Slice(b * columns, columns);
            var row = pixels.AsSpan((melBands - 1 - b) * columns, columns);
            for (var c = 0; c < columns; c++)
                row[c] = float.IsFinite(band[c]) ? (byte)Math.Clamp(Math.Round((band[c] - low) * scale), 0, ColourMap.Colours - 1) : (byte)0;
        }

        return new LogMelPicture(PngEncoder.Encode(pixels, columns, melBands, ColourMap.Magma), columns, melBands, melLowHz, melHighHz);
    }

    private static (float Low, float High) Range(ReadOnlySpan<float> values)
    {
        var finite = new float[values.Length];
        var count = 0;
        foreach (var value in values)
            if (float.IsFinite(value)) finite[count++] = value;
        if (count == 0) return (0, 0);
        Array.Sort(finite, 0, count);
        return (finite[(int)(0.02 * (count - 1))], finite[(int)Math.Ceiling(0.995 * (count - 1))]);
    }
}
