namespace HeartSound.Native.Gpiod;

/// <summary>Output lines that are ours. Used by one thread at a time; the owner disposes it, after which the kernel may leave the lines as they are.</summary>
public sealed class GpioOutputs : IDisposable
{
    private readonly IGpiodRequest _request;
    private readonly string _label;
    private readonly IReadOnlyList<GpioOutputLine> _lines;
    private readonly int[] _values;

    internal GpioOutputs(IGpiodRequest request, string library, string label, IReadOnlyList<GpioOutputLine> lines)
    {
        _request = request;
        Library = library;
        _label = label;
        _lines = [.. lines];
        _values = new int[lines.Count];
    }

    /// <summary>What drives them, such as <c>libgpiod 1.6.3</c>.</summary>
    public string Library { get; }

    /// <summary>Sets all lines at once, in the order in which they were asked for.</summary>
    /// <exception cref="GpioException">The chip has gone, or refuses.</exception>
    public void Set(ReadOnlySpan<bool> active)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(active.Length, _lines.Count);
        for (var i = 0; i < _values.Length; i++) _values[i] = active[i] != _lines[i].ActiveLow ? 1 : 0;
        var errno = _request.Set(_values);
        if (errno != 0) throw GpioErrno.Fail($"Setting lines of '{_label}'", errno);
    }

    /// <summary>What the chip says that its lines are. Many drivers answer with what they were told and do not look at the pin.</summary>
    /// <exception cref="GpioException">The chip has gone, or refuses.</exception>
    public void Read(Span<bool> active)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(active.Length, _lines.Count);
        var errno = _request.Get(_values);
        if (errno != 0) throw GpioErrno.Fail($"Reading lines of '{_label}'", errno);
        for (var i = 0; i < _values.Length; i++) active[i] = _values[i] != 0 != _lines[i].ActiveLow;
    }

    public void Dispose() => _request.Dispose();
}
