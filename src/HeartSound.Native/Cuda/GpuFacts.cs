namespace HeartSound.Native.Cuda;

/// <summary>stub</summary>
public sealed record GpuFacts
{
    /// <summary>stub</summary>
    public string? TensorRt { get; init; }

    /// <summary>stub</summary>
    public string? Cuda { get; init; }

    /// <summary>stub</summary>
    public string? ComputeCapability { get; init; }

    /// <summary>stub</summary>
    public string? L4t { get; init; }

    /// <summary>stub</summary>
    public static GpuFacts Read() => new();
}
