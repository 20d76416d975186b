namespace HeartSound.Edge.Outputs.Lights;

/// <summary>
/// Which lamps read otherwise than they were set. A lamp that cannot be lit reads right whenever it shall be dark, so each keeps its fault until it has read right in the
/// very state in which it was wrong. Not thread-safe.
/// </summary>
internal sealed class ReadBack
{
    private Lamps _neverLit;
    private Lamps _neverDark;

    /// <summary>Takes in what was read after lamps were set.</summary>
    /// <returns>Whether the faults are others than before.</returns>
    public bool Compare(Lamps set, Lamps read)
    {
        var before = (_neverLit, _neverDark);
        _neverLit = (_neverLit & ~set) | (set & ~read);
        _neverDark = (_neverDark & set) | (read & ~set & Lamps.All);
        return before != (_neverLit, _neverDark);
    }

    /// <summary>For a person; null where all is well.</summary>
    public string? Fault()
    {
        if (_neverLit == 0 && _neverDark == 0) return null;
        var faults = new List<string>();
        if (_neverLit != 0) faults.Add($"{_neverLit} was switched on and reads off");
        if (_neverDark != 0) faults.Add($"{_neverDark} was switched off and reads on");
        return $"Read back from the chip: {string.Join("; ", faults)}. Is the pin a GPIO (pin-mux: jetson-io, device tree), and is nothing else wired to it? 'heartsound lights --show lampTest' lights all.";
    }
}
