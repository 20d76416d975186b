namespace HeartSound.Signal;

/// <summary>The murmur that <see cref="Simulator"/> adds between the heart sounds.</summary>
public enum Murmur
{
    /// <summary>No murmur.</summary>
    None,

    /// <summary>Between S1 and S2, crescendo–decrescendo, as of aortic stenosis.</summary>
    Systolic,

    /// <summary>After S2, decrescendo, as of aortic regurgitation.</summary>
    Diastolic,
}
