using HeartSound.Native.Gpiod;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>Lamps on GPIO lines of a board. Used by one thread; the owner disposes it, which leaves them dark.</summary>
public sealed class GpioIndicator : IIndicator
{
    private readonly List<(GpioOutputs Lines, Lamps[] Lamps)> _chips = [];

    /// <exception cref="GpioException">A chip or a line cannot be had.</exception>
    public GpioIndicator(Board board, GpioChips chips)
    {
        ArgumentNullException.ThrowIfNull(board);
        ArgumentNullException.ThrowIfNull(chips);
        try
        {
            foreach (var chip in board.Lamps.All.Select(l => (l.Lamp, l.Pin.ActiveLow, Line: board.Pins[l.Pin.Pin])).GroupBy(l => l.Line.Chip))
            {
                var lines = chip.Select(l => new GpioOutputLine(l.Line.Line, l.ActiveLow)).ToList();
                _chips.Add((chips.OpenOutputs(chip.Key, lines), [.. chip.Select(l => l.Lamp)]));
            }
        }
        catch
        {
            Release();
            throw;
        }

        Name = $"GPIO of {board.Name} ({_chips[0].Lines.Library})";
    }

    public string Name { get; }

    public void Begin(Indication indication)
    {
    }

    public void Set(Lamps lamps)
    {
        Span<bool> active = stackalloc bool[4];
        foreach (var (lines, own) in _chips)
        {
            for (var i = 0; i < own.Length; i++) active[i] = (lamps & own[i]) != 0;
            lines.Set(active[..own.Length]);
        }
    }

    public Lamps? Read()
    {
        var lamps = Lamps.None;
        Span<bool> active = stackalloc bool[4];
        foreach (var (lines, own) in _chips)
        {
            lines.Read(active[..own.Length]);
            for (var i = 0; i < own.Length; i++)
            {
                if (active[i]) lamps |= own[i];
            }
        }

        return lamps;
    }

    public void Dispose()
    {
        try
        {
            Set(Lamps.None);
        }
        catch (GpioException)
        {
            // The chip has gone: nothing is lit, or nothing can be done about it.
        }

        Release();
    }

    private void Release()
    {
        foreach (var (lines, _) in _chips) lines.Dispose();
        _chips.Clear();
    }
}
