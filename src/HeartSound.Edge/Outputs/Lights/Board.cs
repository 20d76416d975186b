using System.Text.Json.Serialization;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>Which GPIO line each pin of a header is, and which pins are lamps and button: a file of <c>deploy/boards</c>, checked. Immutable.</summary>
public sealed record Board
{
    /// <summary>Where the schema lies; for editors.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>The file's name without .json.</summary>
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>Strings of the device tree's <c>compatible</c> that mean this board.</summary>
    public required IReadOnlyList<string> Compatible { get; init; }

    /// <summary>Where the numbers come from.</summary>
    public required string Source { get; init; }

    /// <summary>Lines by header pin.</summary>
    public required IReadOnlyDictionary<string, BoardLine> Pins { get; init; }

    public required BoardLamps Lamps { get; init; }

    /// <summary>Null where the board has none.</summary>
    public BoardButton? Button { get; init; }
}

/// <summary>A GPIO line.</summary>
/// <param name="Chip">Label of its chip.</param>
/// <param name="Line">Offset on it.</param>
public sealed record BoardLine(string Chip, int Line);

/// <summary>The four lamps.</summary>
public sealed record BoardLamps(BoardLamp Activity, BoardLamp Normal, BoardLamp Unsure, BoardLamp Abnormal)
{
    /// <summary>Each with the lamp that it is.</summary>
    [JsonIgnore]
    public IReadOnlyList<(Lamps Lamp, BoardLamp Pin)> All => [(Lights.Lamps.Activity, Activity), (Lights.Lamps.Normal, Normal), (Lights.Lamps.Unsure, Unsure), (Lights.Lamps.Abnormal, Abnormal)];
}

/// <summary>A pin that lights a lamp.</summary>
/// <param name="Pin">On the header.</param>
/// <param name="ActiveLow">Whether low voltage lights it.</param>
public sealed record BoardLamp(string Pin, bool ActiveLow = false);

/// <summary>A pin that is a button.</summary>
/// <param name="Pin">On the header.</param>
/// <param name="ActiveLow">Whether pressing it gives low voltage.</param>
/// <param name="PullUp">Whether to ask the kernel for a pull-up.</param>
public sealed record BoardButton(string Pin, bool ActiveLow = true, bool PullUp = true);
