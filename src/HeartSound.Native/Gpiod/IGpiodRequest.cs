namespace HeartSound.Native.Gpiod;

/// <summary>Lines that are ours until this is disposed. Calls give errno, 0 for success. Used by one thread at a time.</summary>
internal interface IGpiodRequest : IDisposable
{
    /// <summary>Sets all lines, in the order in which they were asked for, 1 being high.</summary>
    int Set(ReadOnlySpan<int> values);

    /// <summary>Reads all lines, in the same order.</summary>
    int Get(Span<int> values);

    /// <summary>Waits for an edge.</summary>
    int Wait(TimeSpan timeout, out bool isThere);

    /// <summary>Reads one edge; blocks while there is none.</summary>
    int Read(out bool isRising, out ulong nanoseconds);
}
