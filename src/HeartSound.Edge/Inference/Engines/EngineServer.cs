using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using HeartSound.Native;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>
/// The engine's own process (<c>heartsound engine serve</c>): one model on one provider, asked over pipes by the service. Whatever CUDA or TensorRT do to the process they run
/// in – crash, hang, take all memory, lose the device for good – they do to this one, and the service ends it and goes on.
/// </summary>
internal static class EngineServer
{
    /// <summary>Serves until the service closes its pipe. Faults are told to it.</summary>
    public static void Serve(EngineWire wire)
    {
        try
        {
            var (kind, length) = wire.ReadHead();
            if (kind != EngineFrame.Order) throw new InvalidDataException($"{kind} came first, and not {EngineFrame.Order}");
            var order = JsonSerializer.Deserialize<EngineOrder>(wire.Read(length), EdgeJson.Strict)!;
            if (order.IsBackground) BeFirstToGo();
            Serve(wire, order);
        }
        catch (Exception e) when (e is OnnxRuntimeException or ModelException or NativeLibraryMissingException)
        {
            wire.Write(EngineFrame.Fault, Encoding.UTF8.GetBytes(e.Message));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The service has closed its pipe: that is how it ends.
        }
    }

    private static void Serve(EngineWire wire, EngineOrder order)
    {
        var start = Stopwatch.GetTimestamp();
        // TensorRT leaves what it cannot do to CUDA.
        OnnxProvider[] providers = order.Provider == OnnxProvider.TensorRt ? [OnnxProvider.TensorRt, OnnxProvider.Cuda] : [order.Provider];
        var options = new OnnxOptions
        {
            Providers = providers,
            IntraOpThreads = 1,
            TensorRt = new TensorRtOptions
            {
                Fp16 = order.Precision == EnginePrecision.Fp16,
                WorkspaceBytes = order.WorkspaceBytes,
                EngineCacheFolder = order.EngineFolder,
                TimingCacheFolder = order.TimingFolder,
            },
        };
        using var model = ModelBundle.Load(order.Model, options);
        if (model.Provider != order.Provider) throw new OnnxRuntimeException(string.Join(" ", model.ProviderNotes));

        using var classifier = model.CreateClassifier();
        var features = new float[model.Manifest.FrontEnd.MelBands * model.Manifest.FrontEnd.WindowFrames];
        var logits = new float[model.Manifest.Labels.Count];
        classifier.Classify(features, logits); // a provider that cannot run on this GPU says so at its first inference, not before
        var hello = new EngineHello { OnnxRuntime = model.Library.Version, Notes = model.ProviderNotes, LoadSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
        wire.Write(EngineFrame.Hello, JsonSerializer.SerializeToUtf8Bytes(hello, EdgeJson.Compact));

        while (true)
        {
            var (kind, length) = wire.ReadHead();
            if (kind != EngineFrame.Features || length != features.Length * sizeof(float)) throw new InvalidDataException($"{kind} of {length} bytes");
            wire.Fill(MemoryMarshal.AsBytes(features.AsSpan()));
            classifier.Classify(features, logits);
            wire.Write(EngineFrame.Logits, MemoryMarshal.AsBytes(logits.AsSpan()));
        }
    }

    /// <summary>Where memory runs out, the kernel takes this process, and not the one that listens.</summary>
    private static void BeFirstToGo()
    {
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "900");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not everywhere may it be said; the engine is built all the same.
        }
    }
}
