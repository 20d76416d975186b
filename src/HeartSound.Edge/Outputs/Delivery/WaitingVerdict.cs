namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>A verdict that waits for the broker's acknowledgement. Belongs to its <see cref="Outbox"/>.</summary>
internal sealed class WaitingVerdict
{
    /// <summary>In the file; 0 while it is not there.</summary>
    public long Position { get; set; }

    /// <summary>What to send; null when it is in the file alone.</summary>
    public byte[]? Json { get; set; }

    /// <summary>Whether the file does not hold it as it is here.</summary>
    public required bool IsUnsaved { get; set; }

    /// <summary>Whether it is in the file and, so that a disk that fails does not hold it back, here as well.</summary>
    public bool IsCached { get; set; }

    public required int Bytes { get; set; }

    /// <summary>Of a verdict of this run; empty of one that was found.</summary>
    public Guid Id { get; init; }

    /// <summary>Seconds that the device had run with this outbox when it came.</summary>
    public required double Lived { get; set; }

    /// <summary>Whether its time may have to be corrected, once the clock is set.</summary>
    public bool NeedsTime { get; set; }

    /// <summary>Whether it is on its way.</summary>
    public bool IsSent { get; set; }

    /// <summary>Whether it is acknowledged or dropped, and waits no longer.</summary>
    public bool IsDone { get; set; }
}
