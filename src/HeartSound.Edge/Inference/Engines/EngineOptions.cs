using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>How a device gets its GPU to compute the model. Which providers are tried is in <see cref="ModelOptions.Providers"/>.</summary>
public sealed record EngineOptions
{
    [Description("Arithmetic of the TensorRT engine: fp16 (checked against the goldens; fp32 follows where it does not reproduce them), fp32, or int8.")]
    public EnginePrecision Precision { get; init; } = EnginePrecision.Fp16;

    [Description("Memory that TensorRT may take while it builds an engine, in megabytes; 256 suits a Jetson Nano.")]
    [Range(16, 16384)]
    public int WorkspaceMegabytes { get; init; } = 256;

    [Description("Folder in which engines are kept; without it 'engines' in the cache directory of the service or of the user.")]
    public string? CacheFolder { get; init; }

    [Description("How long an engine may take to build, in minutes; 9.5 were seen on an Orin.")]
    [Range(1, 240)]
    public int BuildMinutes { get; init; } = 30;

    [Description("How long the GPU may take for a window, in milliseconds; then the CPU computes it, and the GPU is tried again later.")]
    [Range(50, 20000)]
    public int WindowMilliseconds { get; init; } = 2000;

    [Description("How long an engine that failed is left alone before it is tried again, in seconds; twice as long each time, up to an hour.")]
    [Range(1, 3600)]
    public int RetrySeconds { get; init; } = 30;

    /// <summary>Where engines are kept.</summary>
    internal string Folder => CacheFolder ?? Path.Combine(CacheDirectory(), "engines");

    private static string CacheDirectory()
    {
        static string? Of(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder ? folder : null;
        if (Of("CACHE_DIRECTORY") is { } service) return service.Split(':')[0];
        return Path.Combine(Of("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "heartsound");
    }
}
