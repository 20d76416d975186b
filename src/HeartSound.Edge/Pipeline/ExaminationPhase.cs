namespace HeartSound.Edge.Pipeline;

/// <summary>Where the device is between one verdict and the next. Part of the contract on the wire: names are only ever added.</summary>
public enum ExaminationPhase
{
    /// <summary>Nobody asked for an examination; hints are given all the same.</summary>
    Idle,

    /// <summary>One begins as soon as there is something to hear.</summary>
    Waiting,

    Examining,

    /// <summary>A site was heard, and the examination goes on at the next one that somebody names.</summary>
    BetweenSites,
}
