namespace HeartSound.Edge.Report;

/// <summary>What became of a recording, for colour, symbol and order: what needs a person first comes first.</summary>
internal enum Outcome
{
    Abnormal,
    Inconclusive,
    Failed,
    Normal,
}
