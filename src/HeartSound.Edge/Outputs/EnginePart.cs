using System.Diagnostics;
using HeartSound.Edge.Inference.Engines;

namespace HeartSound.Edge.Outputs;

/// <summary>What computes the model on a device, what should, and how far that has come.</summary>
public sealed record EnginePart
{
    /// <summary>Providers in the order in which they were asked for.</summary>
    public required IReadOnlyList<string> Asked { get; init; }

    public required EngineState State { get; init; }

    /// <summary>What computes now.</summary>
    public required string Provider { get; init; }

    /// <summary>Of its arithmetic.</summary>
    public required EnginePrecision Precision { get; init; }

    /// <summary>Why what was asked for first is not what computes; null when it does.</summary>
    public required string? Why { get; init; }

    /// <summary>What is built or loaded meanwhile, such as <c>TensorRt Fp16</c>; null when nothing is.</summary>
    public required string? Preparing { get; init; }

    /// <summary>For how long it has been built or loaded; null when nothing is.</summary>
    public required double? ElapsedSeconds { get; init; }

    /// <summary>How long it took last time; null when nobody knows.</summary>
    public required double? ExpectedSeconds { get; init; }

    /// <summary>Until an engine that failed is tried again; null when none is.</summary>
    public required double? RetryInSeconds { get; init; }

    public static EnginePart Of(EngineStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return new EnginePart
        {
            Asked = [.. status.Asked.Select(p => p.ToString())],
            State = status.State,
            Provider = status.Provider.ToString(),
            Precision = status.Precision,
            Why = status.Why,
            Preparing = status.Preparing?.ToString(),
            ElapsedSeconds = status.Preparing is null ? null : Math.Round(Stopwatch.GetElapsedTime(status.PreparingSince).TotalSeconds, 1),
            ExpectedSeconds = status.Expected?.TotalSeconds,
            RetryInSeconds = status.RetryAt is { } at ? Math.Max(0, Math.Round((at - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency, 1)) : null,
        };
    }
}

/// <summary>What computed a verdict's windows, and what should have.</summary>
public sealed record EngineUse
{
    /// <summary>Providers in the order in which they were asked for.</summary>
    public required IReadOnlyList<string> Asked { get; init; }

    /// <summary>Windows that each provider computed, rejected ones included; empty when there was none.</summary>
    public required IReadOnlyDictionary<string, int> Windows { get; init; }

    /// <summary>Of the arithmetic of the provider that computed last.</summary>
    public required EnginePrecision Precision { get; init; }

    /// <summary>Why what was asked for first did not compute, as it stood when the verdict was given; null when it did.</summary>
    public required string? Why { get; init; }
}
