using System.Globalization;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>How the CUDA provider uses the GPU.</summary>
public sealed record CudaOptions
{
    /// <summary>Which GPU; a Jetson has one.</summary>
    public int DeviceId { get; init; }

    /// <summary>The most memory of the GPU that tensors may take, above 0; null means as much as there is. The GPU of a Jetson shares its memory with the CPU.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>
    /// What is sent, key and value, all of it known to ONNX Runtime 1.11 already. Memory is taken as it is needed, not in powers of two; convolutions are chosen by rule, where the
    /// provider's default is to try all, which takes memory and seconds at the first run. Source: <c>cuda_execution_provider_info.cc</c>.
    /// </summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Entries()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceId);
        if (MemoryBytes is { } bytes) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes, nameof(MemoryBytes));
        var entries = new List<KeyValuePair<string, string>>
        {
            new("device_id", DeviceId.ToString(CultureInfo.InvariantCulture)),
            new("arena_extend_strategy", "kSameAsRequested"),
            new("cudnn_conv_algo_search", "HEURISTIC"),
        };
        if (MemoryBytes is { } limit) entries.Add(new("gpu_mem_limit", limit.ToString(CultureInfo.InvariantCulture)));
        return entries;
    }
}
