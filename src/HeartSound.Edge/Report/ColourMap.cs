namespace HeartSound.Edge.Report;

/// <summary>Colours for a quantity: each step looks equally large, to the colour-blind and in a black-and-white print as well.</summary>
internal static class ColourMap
{
    /// <summary>More steps than the eye tells apart in a noisy picture would only make the file larger.</summary>
    public const int Colours = 64;

    /// <summary>Ten equidistant colours of matplotlib's "magma" (Smith and van der Walt 2015, CC0).</summary>
    private static ReadOnlySpan<uint> Anchors => [0x000004, 0x180F3E, 0x451077, 0x721F81, 0x9F2F7F, 0xCD4071, 0xF1605D, 0xFD9567, 0xFEC98D, 0xFCFDBF];

    /// <summary>Red, green and blue of each of the <see cref="Colours"/>, dark to bright.</summary>
    public static byte[] Magma { get; } = Interpolate();

    private static byte[] Interpolate()
    {
        var palette = new byte[Colours * 3];
        for (var i = 0; i < Colours; i++)
        {
            var place = (double)i * (Anchors.Length - 1) / (Colours - 1);
            var left = Math.Min((int)place, Anchors.Length - 2);
            for (var c = 0; c < 3; c++)
            {
                double from = Anchors[left] >> (16 - 8 * c) & 0xFF, to = Anchors[left + 1] >> (16 - 8 * c) & 0xFF;
                palette[i * 3 + c] = (byte)Math.Round(from + (to - from) * (place - left));
            }
        }

        return palette;
    }
}
