namespace HeartSound.Edge.Metrics.Prometheus;

/// <summary>One row of a family: one set of attributes, and its value or buckets. Belongs to its family's lock.</summary>
internal sealed class PrometheusSeries
{
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly long[] _buckets;

    public PrometheusSeries(ReadOnlySpan<KeyValuePair<string, object?>> tags, int buckets)
    {
        _tags = tags.ToArray();
        _buckets = new long[buckets];
        Labels = PrometheusText.Labels(_tags);
    }

    /// <summary>Written out, without braces.</summary>
    public string Labels { get; }

    /// <summary>Of a counter or a gauge; of a histogram the sum.</summary>
    public double Value { get; set; }

    /// <summary>Of a histogram, how many values lie in each bucket alone; the last one is that beyond all bounds.</summary>
    public Span<long> Buckets => _buckets;

    /// <summary>The look at which it was last told; of what is only asked for, one that is no longer told is gone.</summary>
    public long ToldAt { get; set; }

    public bool Is(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != _tags.Length) return false;
        for (var i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != _tags[i].Key || !Equals(tags[i].Value, _tags[i].Value)) return false;
        }

        return true;
    }
}
