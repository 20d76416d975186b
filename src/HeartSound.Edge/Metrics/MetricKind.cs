namespace HeartSound.Edge.Metrics;

/// <summary>What kind of figure it is.</summary>
internal enum MetricKind
{
    /// <summary>Only grows, until the program starts anew.</summary>
    Counter,

    /// <summary>A value now.</summary>
    Gauge,

    /// <summary>How many values fell below each of some bounds, their number and their sum.</summary>
    Histogram,
}
