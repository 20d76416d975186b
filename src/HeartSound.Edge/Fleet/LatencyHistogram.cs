namespace HeartSound.Edge.Fleet;

/// <summary>How long things took, to one per cent, from a microsecond to an hour. Thread-safe.</summary>
internal sealed class LatencyHistogram
{
    private const double Ratio = 1.01;
    private const double SmallestMilliseconds = 0.001;
    private static readonly double PerBucket = Math.Log(Ratio);

    private readonly long[] _counts = new long[(int)(Math.Log(3.6e6 / SmallestMilliseconds) / PerBucket) + 2];

    public long Count => _counts.Sum();

    public void Add(double milliseconds)
    {
        var bucket = milliseconds <= SmallestMilliseconds ? 0 : (int)Math.Ceiling(Math.Log(milliseconds / SmallestMilliseconds) / PerBucket);
        Interlocked.Increment(ref _counts[Math.Min(bucket, _counts.Length - 1)]);
    }

    /// <summary>In milliseconds, what this share of all did not exceed; null when there was none.</summary>
    /// <param name="share">0 to 1.</param>
    public double? Quantile(double share)
    {
        var left = Math.Max(1, (long)Math.Ceiling(share * Count));
        for (var i = 0; i < _counts.Length; i++)
        {
            left -= Interlocked.Read(ref _counts[i]);
            if (left <= 0) return SmallestMilliseconds * Math.Pow(Ratio, i);
        }

        return null;
    }
}
