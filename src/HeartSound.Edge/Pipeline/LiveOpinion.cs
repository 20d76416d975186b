namespace HeartSound.Edge.Pipeline;

/// <summary>What an examination looks like before its verdict. It is shown, never stored as a result. Part of the contract on the wire: names are only ever added.</summary>
public enum LiveOpinion
{
    /// <summary>Too little good sound was heard to have one.</summary>
    None,

    Normal,
    Abnormal,

    /// <summary>Between the two, or not yet sure.</summary>
    Unsure,
}
