namespace HeartSound.Edge.Report;

/// <summary>
/// Reduces a recording of known length to the least and the greatest sample of each of some columns, while it streams by. Holds
/// only the columns. For one thread.
/// </summary>
public sealed class WaveformOverview
{
    public const int DefaultColumns = 1200;

    private readonly long _totalSamples;
    private readonly float[] _min;
    private readonly float[] _max;
    private long _position;
    private int _column;

    /// <summary>Column c takes the samples from c·total/columns on; there are never more columns than samples.</summary>
    public WaveformOverview(long totalSamples, int columns = DefaultColumns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSamples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, 100_000);
        _totalSamples = totalSamples;
        _min = new float[(int)Math.Min(totalSamples, columns)];
        _max = new float[_min.Length];
        Array.Fill(_min, float.NaN);
        Array.Fill(_max, float.NaN);
    }

    /// <summary>NaN for a column without a finite sample.</summary>
    public IReadOnlyList<float> Min => _min;

    /// <inheritdoc cref="Min"/>
    public IReadOnlyList<float> Max => _max;

    /// <summary>Takes the next samples; NaN and infinities are passed over, and so is what exceeds the total.</summary>
    public void Add(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0 && _column < _min.Length)
        {
            var end = (long)((Int128)(_column + 1) * _totalSamples / _min.Length);
            var count = (int)Math.Min(samples.Length, end - _position);
            foreach (var sample in samples[..count])
            {
                if (!float.IsFinite(sample)) continue;
                if (!(sample >= _min[_column])) _min[_column] = sample; // also when nothing is there yet
                if (!(sample <= _max[_column])) _max[_column] = sample;
            }

            samples = samples[count..];
            _position += count;
            if (_position == end) _column++;
        }
    }
}
