namespace HeartSound.Signal;

/// <summary>The contrast where it is least: it finds a part of the window without a heart.</summary>
public sealed partial class SignalQuality
{
    // A stretch holds a sound of any heart from 35 a minute up, and lies wholly within a loss of contact of 1.5 s.
    private const double StretchSeconds = 1.4;
    private const int Stride = 3; // the loudness is smooth enough to take every third value

    private readonly float[] _stretch;

    /// <summary>Slides one sorted stretch along the loudness: each step takes the oldest value out and puts the next in.</summary>
    private double BeatContrastDb(ReadOnlySpan<float> loudness)
    {
        var count = (loudness.Length + Stride - 1) / Stride;
        if (count == 0) return 0;
        var stretch = _stretch.AsSpan(0, Math.Min(_stretch.Length, count));
        for (var i = 0; i < stretch.Length; i++) stretch[i] = loudness[i * Stride];
        stretch.Sort();
        int high = (int)(0.95 * stretch.Length), low = (int)(0.1 * stretch.Length);
        var least = Ratio(stretch[high], stretch[low]);
        for (var i = stretch.Length; i < count; i++)
        {
            Replace(stretch, loudness[(i - stretch.Length) * Stride], loudness[i * Stride]);
            least = Math.Min(least, Ratio(stretch[high], stretch[low]));
        }

        return Math.Min(NothingDb, 20 * Math.Log10(least));

        static double Ratio(float high, float low) => (high + 1e-10) / (low + 1e-10);
    }

    /// <summary>Replaces a value of an ascending span by another; the span stays ascending.</summary>
    internal static void Replace(Span<float> ascending, float old, float fresh)
    {
        var from = ascending.BinarySearch(old);
        if (fresh >= old)
        {
            var end = from + 1;
            while (end < ascending.Length && ascending[end] < fresh) end++;
            ascending[(from + 1)..end].CopyTo(ascending[from..]);
            ascending[end - 1] = fresh;
        }
        else
        {
            var start = from;
            while (start > 0 && ascending[start - 1] > fresh) start--;
            ascending[start..from].CopyTo(ascending[(start + 1)..]);
            ascending[start] = fresh;
        }
    }
}
