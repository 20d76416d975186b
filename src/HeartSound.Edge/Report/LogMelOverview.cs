namespace HeartSound.Edge.Report;

/// <summary>
/// Reduces the log-mel frames of a recording of known length to the mean of each of some columns, while they stream by. Holds only
/// the columns. For one thread.
/// </summary>
public sealed class LogMelOverview
{
    /// <summary>With 64 bands some 45 kB of page.</summary>
    public const int DefaultColumns = 800;

    private readonly int _melBands;
    private readonly long _totalFrames;
    private readonly int _columns;
    private readonly double[] _sums; // [columns, melBands]
    private readonly long[] _counts;
    private long _frame;

    /// <summary>Column c takes the frames from c·total/columns on; there are never more columns than frames.</summary>
    public LogMelOverview(int melBands, long totalFrames, int columns = DefaultColumns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(melBands, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(totalFrames, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, 10_000);
        _melBands = melBands;
        _totalFrames = totalFrames;
        _columns = (int)Math.Min(totalFrames, columns);
        _sums = new double[_columns * melBands];
        _counts = new long[_columns];
    }

    /// <summary>
    /// Takes the next frames, band-major: band b's value of frame f is <c>values[b * stride + f]</c>. A frame with NaN or infinity leaves
    /// nothing behind, and neither does what exceeds the total.
    /// </summary>
    public void Add(ReadOnlySpan<float> values, int stride, int frames)
    {
        for (var f = 0; f < frames && _frame < _totalFrames; f++, _frame++)
        {
            var column = ColumnOf(_frame);
            if (!IsFinite(values, stride, f)) continue;
            var sums = _sums.AsSpan(column * _melBands, _melBands);
            for (var b = 0; b < sums.Length; b++) sums[b] += values[b * stride + f];
            _counts[column]++;
        }
    }

    /// <summary>Passes over frames that were not computed: their place in the picture stays empty.</summary>
    public void Skip(long frames) => _frame = Math.Min(_totalFrames, _frame + Math.Max(0, frames));

    /// <summary>What has come so far, as a picture between two frequencies in hertz.</summary>
    public LogMelPicture ToPicture(double melLowHz, double melHighHz)
    {
        var values = new float[_melBands * _columns];
        for (var c = 0; c < _columns; c++)
            for (var b = 0; b < _melBands; b++)
                values[b * _columns + c] = _counts[c] == 0 ? float.NaN : (float)(_sums[c * _melBands + b] / _counts[c]);
        return LogMelPicture.Of(values, _melBands, melLowHz, melHighHz);
    }

    /// <summary>The c with c·total/columns ≤ frame &lt; (c+1)·total/columns, whole numbers all.</summary>
    private int ColumnOf(long frame) => (int)(((Int128)(frame + 1) * _columns - 1) / _totalFrames);

    private bool IsFinite(ReadOnlySpan<float> values, int stride, int frame)
    {
        for (var b = 0; b < _melBands; b++)
            if (!float.IsFinite(values[b * stride + frame])) return false;
        return true;
    }
}
