namespace HeartSound.Native.Gpiod;

/// <summary>An input line that is ours, with its edges. Used by one thread at a time; the owner disposes it.</summary>
public sealed class GpioInput : IDisposable
{
    // More than the kernel keeps, so that one call empties it even while a contact bounces.
    private const int MostEdges = 64;

    private readonly IGpiodRequest _request;
    private readonly string _label;
    private readonly int _line;
    private readonly bool _activeLow;
    private readonly int[] _value = new int[1];

    internal GpioInput(IGpiodRequest request, string label, int line, bool activeLow, bool hasPullUp)
    {
        _request = request;
        _label = label;
        _line = line;
        _activeLow = activeLow;
        HasPullUp = hasPullUp;
    }

    /// <summary>Whether library and kernel took the wish for a pull-up (libgpiod 1.5 and kernel 5.5); the pin's driver may have none all the same.</summary>
    public bool HasPullUp { get; }

    /// <summary>How it is now.</summary>
    /// <exception cref="GpioException">The chip has gone, or refuses.</exception>
    public bool Read()
    {
        Check(_request.Get(_value), "Reading");
        return _value[0] != 0 != _activeLow;
    }

    /// <summary>Waits for an edge, at the most so long, and adds all that are there.</summary>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="GpioException">The chip has gone, or refuses.</exception>
    public bool Wait(TimeSpan timeout, ICollection<GpioEdge> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        Check(_request.Wait(timeout < TimeSpan.Zero ? TimeSpan.Zero : timeout, out var isThere), "Waiting for an edge of");
        var any = isThere;
        for (var i = 0; isThere && i < MostEdges; i++)
        {
            Check(_request.Read(out var isRising, out var nanoseconds), "Reading an edge of");
            edges.Add(new GpioEdge(isRising != _activeLow, KernelClock.ToMonotonic(nanoseconds)));
            Check(_request.Wait(TimeSpan.Zero, out isThere), "Waiting for an edge of");
        }

        return any;
    }

    public void Dispose() => _request.Dispose();

    private void Check(int errno, string operation)
    {
        if (errno != 0) throw GpioErrno.Fail($"{operation} line {_line} of '{_label}'", errno);
    }
}
