using HeartSound.Edge.Inference.Engines;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Tests.Inference.Engines;

/// <summary>What the tests of engines share.</summary>
internal static class Some
{
    public static EngineKey Key { get; } = new()
    {
        ModelSha256 = "5b1f0c9a9d2e4b6f8a7c3d1e0f9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a",
        Provider = "TensorRt",
        Precision = EnginePrecision.Fp16,
        OnnxRuntime = "1.11.0",
        TensorRt = "8.2.1",
        Cuda = "10.2",
        ComputeCapability = "5.3",
        L4t = "32.7.1",
        WorkspaceBytes = 256 << 20,
    };

    /// <summary>Builds an engine of so many bytes.</summary>
    public static void Build(EngineCache cache, EngineKey? key = null, int bytes = 5000, double seconds = 7)
    {
        using var draft = cache.Begin(key ?? Key);
        Write(draft, bytes);
        draft.Seal(TimeSpan.FromSeconds(seconds)).Dispose();
    }

    public static void Write(EngineDraft draft, int bytes = 5000)
    {
        File.WriteAllBytes(Path.Combine(draft.Folder, "some.engine"), Enumerable.Range(0, bytes).Select(i => (byte)(i * 7)).ToArray());
        File.WriteAllBytes(Path.Combine(draft.Folder, "some.profile"), [1, 2, 3]);
    }

    /// <summary>Keeps what is logged.</summary>
    public sealed class Journal : ILogger<EngineCache>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines) Lines.Add($"{eventId.Id} {formatter(state, exception)}");
        }
    }
}
