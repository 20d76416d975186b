using HeartSound.Edge.Outputs.Lights;

namespace HeartSound.Edge.Tests.Outputs.Lights;

/// <summary>Lamps that remember what they were told.</summary>
internal sealed class FakeIndicator : IIndicator
{
    private readonly Lock _gate = new();
    private readonly List<Lamps> _lamps = [];
    private readonly List<Indication> _begun = [];

    public string Name => "fake";

    public Func<Lamps, Lamps?> Reading { get; init; } = lamps => lamps;

    public Action<Lamps> Setting { get; set; } = _ => { };

    public bool IsDisposed { get; private set; }

    public IReadOnlyList<Lamps> Shown
    {
        get
        {
            lock (_gate) return [.. _lamps];
        }
    }

    public IReadOnlyList<Indication> Begun
    {
        get
        {
            lock (_gate) return [.. _begun];
        }
    }

    public void Begin(Indication indication)
    {
        lock (_gate) _begun.Add(indication);
    }

    public void Set(Lamps lamps)
    {
        Setting(lamps);
        lock (_gate) _lamps.Add(lamps);
    }

    public Lamps? Read()
    {
        lock (_gate) return Reading(_lamps[^1]);
    }

    public void Dispose() => IsDisposed = true;
}
