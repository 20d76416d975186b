using System.Numerics;

namespace HeartSound.Signal;

/// <summary>Finds samples that are no numbers.</summary>
internal static class NonFinite
{
    /// <summary>Index of the first NaN or infinity, −1 when there is none.</summary>
    public static int IndexIn(ReadOnlySpan<float> samples)
    {
        var index = 0;
        for (; index <= samples.Length - Vector<float>.Count; index += Vector<float>.Count)
        {
            var values = new Vector<float>(samples[index..]);
            if (!Vector.EqualsAll(values - values, Vector<float>.Zero)) break; // NaN − NaN and ∞ − ∞ are NaN
        }

        for (; index < samples.Length; index++)
        {
            if (!float.IsFinite(samples[index])) return index;
        }

        return -1;
    }
}
